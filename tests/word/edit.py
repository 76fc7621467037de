"""Opens a report, changes the words of its overview as a person would, and saves it elsewhere."""

import sys

import docx
from docx.oxml.ns import qn

document = docx.Document(sys.argv[1])
for control in document.element.body.iter(qn("w:sdt")):
    tag = control.find(qn("w:sdtPr")).find(qn("w:tag"))
    if tag is not None and tag.get(qn("w:val")) == "/description/overview":
        first = control.find(qn("w:sdtContent")).find(qn("w:p"))
        paragraph = docx.text.paragraph.Paragraph(first, document)
        paragraph.runs[0].text = "A person's own beginning. " + paragraph.runs[0].text
        added = paragraph.add_run(" And an end in bold.")
        added.bold = True
        break
else:
    sys.exit("no overview")
document.save(sys.argv[2])
