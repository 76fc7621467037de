CREATE INDEX payslip_run ON payslip (pay_run_id);
CREATE INDEX time_entry_import ON time_entry (time_import_id);
CREATE INDEX time_import_run ON time_import (pay_run_id);
CREATE INDEX time_import_received ON time_import (received_on);
CREATE INDEX gl_posting_run ON gl_posting (pay_run_id);
CREATE INDEX tax_deposit_run ON tax_deposit (pay_run_id);
CREATE INDEX pay_run_pay_on ON pay_run (pay_on);
