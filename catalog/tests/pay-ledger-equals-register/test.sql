-- Sums are kept apart by currency and matched in the currency of the run. An account without a posting counts as zero,
-- and so does a run without payslips.
WITH register AS (
    SELECT
        run_id, currency, count(*) AS payslips,
        sum(gross) AS gross,
        sum(federal_tax + social_security + medicare + state_tax) AS taxes,
        sum(deductions) AS deductions,
        sum(net) AS net
    FROM payslip
    GROUP BY run_id, currency
),
ledger AS (
    SELECT
        run_id, currency,
        sum(CASE WHEN account = 'wages_expense' THEN debit - credit END) AS wages,
        sum(CASE WHEN account = 'taxes_payable' THEN credit - debit END) AS taxes,
        sum(CASE WHEN account = 'deductions_payable' THEN credit - debit END) AS deductions,
        sum(CASE WHEN account = 'cash' THEN credit - debit END) AS cash
    FROM gl_posting
    GROUP BY run_id, currency
),
compared AS (
    SELECT
        r.run_id, r.client_id, r.pay_on, r.payslip_count, r.gross_total, r.net_total,
        coalesce(g.payslips, 0) AS register_payslips,
        CAST(coalesce(g.gross, 0) AS decimal(18, 2)) AS register_gross,
        CAST(coalesce(g.taxes, 0) AS decimal(18, 2)) AS register_taxes,
        CAST(coalesce(g.deductions, 0) AS decimal(18, 2)) AS register_deductions,
        CAST(coalesce(g.net, 0) AS decimal(18, 2)) AS register_net,
        CAST(coalesce(l.wages, 0) AS decimal(18, 2)) AS ledger_wages,
        CAST(coalesce(l.taxes, 0) AS decimal(18, 2)) AS ledger_taxes,
        CAST(coalesce(l.deductions, 0) AS decimal(18, 2)) AS ledger_deductions,
        CAST(coalesce(l.cash, 0) AS decimal(18, 2)) AS ledger_cash
    FROM pay_run AS r
    LEFT JOIN register AS g ON g.run_id = r.run_id AND g.currency = r.currency
    LEFT JOIN ledger AS l ON l.run_id = r.run_id AND l.currency = r.currency
    WHERE r.pay_on BETWEEN $period_start AND $period_end
)
SELECT
    run_id, client_id, pay_on,
    register_gross, ledger_wages, register_taxes, ledger_taxes, register_deductions, ledger_deductions, register_net, ledger_cash,
    register_payslips, payslip_count, gross_total, net_total
FROM compared
WHERE ledger_wages <> register_gross
   OR ledger_taxes <> register_taxes
   OR ledger_deductions <> register_deductions
   OR ledger_cash <> register_net
   OR (payslip_count IS DISTINCT FROM register_payslips)
   OR (gross_total IS DISTINCT FROM register_gross)
   OR (net_total IS DISTINCT FROM register_net)
