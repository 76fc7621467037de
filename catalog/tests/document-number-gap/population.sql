SELECT document_id, issued_on AS occurred_on
FROM numbered_document
WHERE issued_on BETWEEN $period_start AND $period_end
