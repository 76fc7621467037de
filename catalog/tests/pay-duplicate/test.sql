-- Days paid run from the start of the run's period to the end of the payslip's; of a run that is not on file only the last day is known.
-- The other payslip may have been paid outside the period; every payslip of the group inside it is returned.
WITH paid AS (
    SELECT
        p.payslip_id, p.employee_id, p.run_id, p.pay_on, p.net,
        coalesce(r.period_start_on, p.period_end_on) AS first_day_paid, p.period_end_on AS last_day_paid
    FROM payslip AS p
    LEFT JOIN pay_run AS r ON r.run_id = p.run_id
),
beside AS (
    SELECT
        payslip_id, employee_id, run_id, pay_on, net, first_day_paid, last_day_paid,
        max(last_day_paid) OVER (
            PARTITION BY employee_id ORDER BY first_day_paid, payslip_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS paid_before_until,
        lead(first_day_paid) OVER (PARTITION BY employee_id ORDER BY first_day_paid, payslip_id) AS paid_again_from
    FROM paid
)
SELECT payslip_id, employee_id, run_id, first_day_paid, last_day_paid, pay_on, net, paid_before_until, paid_again_from
FROM beside
WHERE pay_on BETWEEN $period_start AND $period_end
  AND (paid_before_until >= first_day_paid OR paid_again_from <= last_day_paid)
