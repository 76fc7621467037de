"""Checks OSCAL files against NIST's published JSON schema, and reads each by compliance-trestle.

usage: check.py SCHEMA FILE…
Each file is validated, parsed into trestle's model, imported into a trestle workspace and validated there.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema
from trestle.oscal.assessment_plan import AssessmentPlan
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.catalog import Catalog
from trestle.oscal.component import ComponentDefinition
from trestle.oscal.poam import PlanOfActionAndMilestones
from trestle.oscal.profile import Profile
from trestle.oscal.ssp import SystemSecurityPlan

MODELS = {
    "catalog": Catalog,
    "profile": Profile,
    "component-definition": ComponentDefinition,
    "system-security-plan": SystemSecurityPlan,
    "assessment-plan": AssessmentPlan,
    "assessment-results": AssessmentResults,
    "plan-of-action-and-milestones": PlanOfActionAndMilestones,
}


def for_python(node):
    """The schema with its patterns as Python's `re` writes them: it has no classes of Unicode properties."""
    if isinstance(node, dict):
        changed = {key: for_python(value) for key, value in node.items()}
        if isinstance(changed.get("pattern"), str):
            pattern = changed["pattern"].replace("(\\p{L}|\\p{N}|", "(\\w|").replace("\\p{L}", "[^\\W\\d_]").replace("\\p{N}", "\\d")
            re.compile(pattern)
            changed["pattern"] = pattern
        return changed
    return [for_python(value) for value in node] if isinstance(node, list) else node


def main():
    schema, *files = map(pathlib.Path, sys.argv[1:])
    definitions = for_python(json.loads(schema.read_text()))
    workspace = tempfile.mkdtemp()
    trestle = [pathlib.Path(sys.executable).parent / "trestle"]
    subprocess.run([*trestle, "init", "--trestle-root", workspace], check=True, capture_output=True)
    for file in files:
        document = json.loads(file.read_text())
        (model,) = document
        # `oneOf` over all models says of a wrong file only that none fits: the model's own branch says what is wrong.
        branch = next(one for one in definitions["oneOf"] if model in one["required"])
        validator = jsonschema.Draft7Validator({**branch, "definitions": definitions["definitions"]})
        wrong = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in validator.iter_errors(document)]
        if wrong:
            sys.exit(f"{file}: {len(wrong)} places break the schema:\n" + "\n".join(wrong[:20]))
        MODELS[model].oscal_read(file.resolve())
        arguments = ["import", "--trestle-root", workspace, "--file", str(file.resolve()), "--output", file.stem]
        # References between files are relative; trestle follows them from where it stands.
        done = subprocess.run([*trestle, *arguments], cwd=file.parent, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{file}: trestle does not import it:\n{done.stdout}{done.stderr}")
    done = subprocess.run([*trestle, "validate", "--trestle-root", workspace, "--all"], cwd=files[0].parent, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"trestle does not validate:\n{done.stdout}{done.stderr}")
    print(f"{len(files)} files: valid by the schema, read, imported and validated by trestle")


main()
