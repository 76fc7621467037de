"""What python-docx reads in a Word document: properties, headings, tables, lists. Read by crates/report/tests/it/word.rs."""

import sys

import docx

document = docx.Document(sys.argv[1])
about = document.core_properties
print(f"{about.title} | {about.author} | {about.created} | {about.language}")
body = document.element.body
word = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Sections stand in content controls, which `document.paragraphs` does not look into.
for element in body.iter(f"{word}p", f"{word}tbl"):
    if element.tag == f"{word}tbl":
        table = docx.table.Table(element, document)
        head = table.rows[0]._tr.trPr.find(f"{word}tblHeader") is not None
        first = " | ".join(cell.text for cell in table.rows[0].cells)
        print(f"  table {len(table.rows)} x {len(table.columns)}, {table.style.name}, head {'repeats' if head else 'does not repeat'}: {first}")
        continue
    paragraph = docx.text.paragraph.Paragraph(element, document)
    style = paragraph.style.name
    if style.startswith("Heading") or style in ("Title", "Caption"):
        print(f"{style}: {paragraph.text}")
lists = [p.style.name for p in (docx.text.paragraph.Paragraph(e, document) for e in body.iter(f"{word}p")) if p.style.name.startswith("List")]
print(f"{len(lists)} items of lists: {sorted(set(lists))}")
