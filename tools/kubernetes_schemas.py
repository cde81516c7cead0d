#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kubernetes_schemas.py FOLDER FILE...: JSON schemas as kubeconform reads them.

FILE is Kubernetes' own OpenAPI description (swagger.json) or a CustomResourceDefinition (YAML).
FOLDER gets one <kind>-<group>-<version>.json for each kind, self-contained and strict: a field that
the description does not name is an error.
"""

import json
import pathlib
import sys

import yaml

GROUPS = {"", "apps", "autoscaling", "batch", "networking.k8s.io", "policy", "rbac.authorization.k8s.io"}
INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"




class Loader(yaml.SafeLoader):
    """Takes a lone "=" for a text, as YAML 1.2 does."""


Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: node.value)


def file_name(kind: str, group: str, version: str) -> str:
    parts = [kind.lower()] + ([group.split(".")[0]] if group else []) + [version]
    return "-".join(parts) + ".json"


def strict(node):
    """The same schema, where an object with named fields takes no others."""
    if isinstance(node, list):
        return [strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    result = {key: strict(value) for key, value in node.items() if not key.startswith("x-kubernetes")}
    open_ended = node.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(node.get("properties"), dict) and not open_ended:
        result.setdefault("additionalProperties", False)
    return result


def references(node, found: set) -> set:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            found.add(node["$ref"].rsplit("/", 1)[1])
        for value in node.values():
            references(value, found)
    elif isinstance(node, list):
        for value in node:
            references(value, found)
    return found


def with_definitions(name: str, definitions: dict) -> dict:
    """The definition `name` together with all that it refers to."""
    needed, todo = set(), {name}
    while todo:
        current = todo.pop()
        needed.add(current)
        todo |= references(definitions[current], set()) - needed
    return {"$ref": f"#/definitions/{name}", "definitions": {n: definitions[n] for n in sorted(needed)}}


def from_swagger(path: pathlib.Path):
    definitions = {n: strict(d) for n, d in json.loads(path.read_text())["definitions"].items()}
    raw = json.loads(path.read_text())["definitions"]
    definitions[INT_OR_STRING] = {"type": ["integer", "string"]}
    definitions[QUANTITY] = {"type": ["number", "string"]}
    for name, description in raw.items():
        for kind in description.get("x-kubernetes-group-version-kind", []):
            if kind["group"] in GROUPS:
                yield file_name(kind["kind"], kind["group"], kind["version"]), with_definitions(name, definitions)


def from_custom_resource(path: pathlib.Path):
    for document in yaml.load_all(path.read_text(), Loader):
        if not document or document.get("kind") != "CustomResourceDefinition":
            continue
        spec = document["spec"]
        for version in spec["versions"]:
            schema = strict(version["schema"]["openAPIV3Schema"])
            # The description leaves the fields of metadata to the server.
            schema["properties"]["metadata"] = {"type": "object"}
            yield file_name(spec["names"]["kind"], spec["group"], version["name"]), schema


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for path in map(pathlib.Path, sys.argv[2:]):
        source = from_swagger if path.suffix == ".json" else from_custom_resource
        for name, schema in source(path):
            (folder / name).write_text(json.dumps(schema))


if __name__ == "__main__":
    main()
