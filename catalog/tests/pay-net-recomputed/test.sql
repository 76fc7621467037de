-- The table in force is the newest one effective on or before the pay date, not before the end of the period worked.
-- A payslip for which no table, no bracket or no work state is found has no expected figure, and that is an exception.
WITH pay_day AS (
    SELECT DISTINCT pay_on
    FROM payslip
),
in_force AS (
    SELECT d.pay_on, t.tax, max(t.effective_on) AS effective_on
    FROM pay_day AS d
    INNER JOIN tax_table AS t ON t.effective_on <= d.pay_on
    GROUP BY d.pay_on, t.tax
),
bracket AS (
    SELECT
        f.pay_on, t.tax, t."over", t.base_amount, t.rate, t.annual_wage_base,
        lead(t."over") OVER (PARTITION BY f.pay_on, t.tax ORDER BY t."over") AS next_over
    FROM in_force AS f
    INNER JOIN tax_table AS t ON t.tax = f.tax AND t.effective_on = f.effective_on
),
flat AS (
    SELECT
        pay_on,
        max(CASE WHEN tax = 'social_security' THEN rate END) AS social_security_rate,
        max(CASE WHEN tax = 'social_security' THEN annual_wage_base END) AS wage_base,
        max(CASE WHEN tax = 'medicare' THEN rate END) AS medicare_rate,
        max(CASE WHEN tax = 'additional_medicare' THEN rate END) AS additional_rate,
        max(CASE WHEN tax = 'additional_medicare' THEN "over" END) AS additional_over
    FROM bracket
    GROUP BY pay_on
),
resident AS (
    SELECT
        employee_id, 'state:' || state AS tax, effective_on,
        lead(effective_on) OVER (PARTITION BY employee_id ORDER BY effective_on) AS next_on
    FROM work_state
),
recomputed AS (
    SELECT
        p.payslip_id, p.employee_id, p.pay_on,
        p.gross, p.federal_tax, p.state_tax, p.social_security, p.medicare, p.deductions, p.net,
        CAST(round_half_up(f.base_amount + f.rate * (p.gross - f."over"), 2) AS decimal(18, 2)) AS federal_tax_expected,
        CAST(round_half_up(s.base_amount + s.rate * (p.gross - s."over"), 2) AS decimal(18, 2)) AS state_tax_expected,
        CAST(round_half_up(r.social_security_rate * CASE
            WHEN p.ytd_gross - p.gross >= r.wage_base THEN CAST(0 AS decimal(18, 2))
            WHEN p.ytd_gross > r.wage_base THEN CAST(r.wage_base - (p.ytd_gross - p.gross) AS decimal(18, 2))
            ELSE p.gross
        END, 2) AS decimal(18, 2)) AS social_security_expected,
        -- Each of the two taxes is rounded by itself; the additional one starts above its threshold of the year's wages.
        CAST(round_half_up(r.medicare_rate * p.gross, 2) + CASE
            WHEN p.ytd_gross - p.gross >= r.additional_over THEN round_half_up(r.additional_rate * p.gross, 2)
            WHEN p.ytd_gross > r.additional_over THEN round_half_up(r.additional_rate * (p.ytd_gross - r.additional_over), 2)
            ELSE 0 * r.additional_over
        END AS decimal(18, 2)) AS medicare_expected,
        CAST(p.gross - p.federal_tax - p.social_security - p.medicare - p.state_tax - p.deductions AS decimal(18, 2)) AS net_expected
    -- Small tables stand on the left of each join, so that payslips stream past them and are never all held.
    FROM bracket AS s
    RIGHT JOIN (
        resident AS e
        RIGHT JOIN (
            bracket AS f
            RIGHT JOIN (flat AS r RIGHT JOIN payslip AS p ON r.pay_on = p.pay_on)
                ON f.pay_on = p.pay_on AND f.tax = 'federal'
                AND p.gross >= f."over" AND (p.gross < f.next_over OR f.next_over IS NULL)
        ) ON e.employee_id = p.employee_id
            AND e.effective_on <= p.pay_on AND (e.next_on > p.pay_on OR e.next_on IS NULL)
    ) ON s.pay_on = p.pay_on AND s.tax = e.tax
        AND p.gross >= s."over" AND (p.gross < s.next_over OR s.next_over IS NULL)
    WHERE p.pay_on BETWEEN $period_start AND $period_end
)
SELECT
    payslip_id, employee_id, gross,
    federal_tax, federal_tax_expected, state_tax, state_tax_expected,
    social_security, social_security_expected, medicare, medicare_expected,
    deductions, net, net_expected
FROM recomputed
WHERE (federal_tax IS DISTINCT FROM federal_tax_expected)
   OR (state_tax IS DISTINCT FROM state_tax_expected)
   OR (social_security IS DISTINCT FROM social_security_expected)
   OR (medicare IS DISTINCT FROM medicare_expected)
   OR (net IS DISTINCT FROM net_expected)
