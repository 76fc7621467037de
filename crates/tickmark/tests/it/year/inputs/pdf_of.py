"""A PDF of a text file: form feeds part pages, each line is drawn as it stands."""
import sys

pages = open(sys.argv[1], encoding="ascii").read().split("\f")
objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    f"<< /Type /Pages /Kids [{' '.join(f'{4 + 2 * n} 0 R' for n in range(len(pages)))}] /Count {len(pages)} >>",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
]
for number, page in enumerate(pages):
    lines = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in page.strip().splitlines()]
    drawn = "BT /F 11 Tf 50 740 Td 14 TL\n" + "\n".join(f"({line}) Tj T*" for line in lines) + "\nET"
    objects.append(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F 3 0 R >> >> "
        f"/Contents {5 + 2 * number} 0 R >>"
    )
    objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
out = "%PDF-1.7\n"
places = []
for number, body in enumerate(objects, 1):
    places.append(len(out))
    out += f"{number} 0 obj\n{body}\nendobj\n"
at = len(out)
out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n" + "".join(f"{place:010} 00000 n \n" for place in places)
out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n"
sys.stdout.buffer.write(out.encode("ascii"))
