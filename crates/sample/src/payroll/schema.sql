-- The payroll application's tables. Money is in cents, hours in hundredths of an hour, hourly rates in ten-thousandths of a
-- dollar (rate_e4), tax rates in millionths (rate_e6). Dates are YYYY-MM-DD, instants YYYY-MM-DDTHH:MM:SSZ.
CREATE TABLE app_user (id INTEGER PRIMARY KEY, login TEXT NOT NULL, side TEXT NOT NULL) STRICT;
CREATE TABLE client (id INTEGER PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, pay_frequency TEXT NOT NULL, onboarded_on TEXT NOT NULL,
  ended_on TEXT) STRICT;
CREATE TABLE employee (id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL REFERENCES client, name TEXT NOT NULL, hired_on TEXT NOT NULL,
  terminated_on TEXT, bank_account TEXT NOT NULL, state TEXT NOT NULL, taxpayer_key TEXT NOT NULL) STRICT;
CREATE TABLE direct_deposit (id INTEGER PRIMARY KEY, employee_id INTEGER NOT NULL REFERENCES employee, account TEXT NOT NULL,
  effective_on TEXT NOT NULL, ended_on TEXT) STRICT;
CREATE TABLE work_state (id INTEGER PRIMARY KEY, employee_id INTEGER NOT NULL REFERENCES employee, effective_on TEXT NOT NULL,
  state TEXT NOT NULL) STRICT;
CREATE TABLE pay_rate (id INTEGER PRIMARY KEY, employee_id INTEGER NOT NULL REFERENCES employee, effective_on TEXT NOT NULL, rate_e4 INTEGER NOT NULL,
  entered_by INTEGER NOT NULL REFERENCES app_user, entered_at TEXT NOT NULL, approved_by INTEGER REFERENCES app_user, approved_at TEXT) STRICT;
CREATE TABLE tax_table (id INTEGER PRIMARY KEY, tax TEXT NOT NULL, effective_on TEXT NOT NULL, over_cents INTEGER NOT NULL, base_cents INTEGER NOT NULL,
  rate_e6 INTEGER NOT NULL, wage_base_cents INTEGER, approved_by TEXT) STRICT;
CREATE TABLE pay_run (id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL REFERENCES client, run_number INTEGER NOT NULL, period_start_on TEXT NOT NULL,
  period_end_on TEXT NOT NULL, pay_on TEXT NOT NULL, calculated_at TEXT NOT NULL, prepared_by INTEGER NOT NULL REFERENCES app_user,
  client_approved_by INTEGER REFERENCES app_user, client_approved_at TEXT, funding_expected_cents INTEGER NOT NULL, funding_received_cents INTEGER,
  funded_at TEXT, released_by INTEGER REFERENCES app_user, second_releaser INTEGER REFERENCES app_user, released_at TEXT,
  payslip_count INTEGER NOT NULL, gross_total_cents INTEGER NOT NULL, net_total_cents INTEGER NOT NULL, currency TEXT NOT NULL,
  last_payslip_number INTEGER NOT NULL) STRICT;
CREATE TABLE payslip (id INTEGER PRIMARY KEY, number INTEGER NOT NULL, pay_run_id INTEGER NOT NULL REFERENCES pay_run,
  employee_id INTEGER NOT NULL REFERENCES employee, regular_hundredths INTEGER NOT NULL, overtime_hundredths INTEGER NOT NULL, rate_e4 INTEGER NOT NULL,
  gross_cents INTEGER NOT NULL, federal_tax_cents INTEGER NOT NULL, social_security_cents INTEGER NOT NULL, medicare_cents INTEGER NOT NULL,
  state_tax_cents INTEGER NOT NULL, deductions_cents INTEGER NOT NULL, net_cents INTEGER NOT NULL, ytd_gross_cents INTEGER NOT NULL) STRICT;
CREATE TABLE time_import (id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL REFERENCES client, pay_run_id INTEGER NOT NULL REFERENCES pay_run,
  received_at TEXT NOT NULL, received_on TEXT NOT NULL, file_sha256 TEXT NOT NULL, records_sent INTEGER NOT NULL, records_loaded INTEGER NOT NULL,
  records_rejected INTEGER NOT NULL, hours_sent_hundredths INTEGER NOT NULL, hours_loaded_hundredths INTEGER NOT NULL,
  hours_rejected_hundredths INTEGER NOT NULL) STRICT;
CREATE TABLE time_entry (id INTEGER PRIMARY KEY, time_import_id INTEGER NOT NULL REFERENCES time_import, employee_id INTEGER NOT NULL REFERENCES employee,
  regular_hundredths INTEGER NOT NULL, overtime_hundredths INTEGER NOT NULL, entered_by INTEGER NOT NULL REFERENCES app_user,
  approved_by INTEGER REFERENCES app_user, approved_at TEXT) STRICT;
CREATE TABLE bank_file (id INTEGER PRIMARY KEY, pay_run_id INTEGER NOT NULL REFERENCES pay_run, value_on TEXT NOT NULL, sent_at TEXT NOT NULL,
  lines_sent INTEGER NOT NULL, amount_sent_cents INTEGER NOT NULL, lines_accepted INTEGER, amount_accepted_cents INTEGER, acknowledged_at TEXT,
  currency TEXT NOT NULL) STRICT;
CREATE TABLE gl_posting (id INTEGER PRIMARY KEY, pay_run_id INTEGER NOT NULL REFERENCES pay_run, account TEXT NOT NULL, debit_cents INTEGER NOT NULL,
  credit_cents INTEGER NOT NULL, currency TEXT NOT NULL, accounting_on TEXT NOT NULL, posted_at TEXT NOT NULL, posted_on TEXT NOT NULL,
  posted_by INTEGER NOT NULL REFERENCES app_user) STRICT;
CREATE TABLE tax_deposit (id INTEGER PRIMARY KEY, pay_run_id INTEGER NOT NULL REFERENCES pay_run, tax TEXT NOT NULL, liability_cents INTEGER NOT NULL,
  deposited_cents INTEGER, due_on TEXT NOT NULL, deposited_on TEXT, confirmation TEXT, currency TEXT NOT NULL) STRICT;
