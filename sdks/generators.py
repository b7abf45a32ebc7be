"""The generators: how each is asked, how its client is compiled, and how a program runs with it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sdks.tools import FOLDER, Tools

ANY_IN_ZOD = r"\bz\.(?:any|unknown)\("
JSON_ONLY = "['application/json', 'application/problem+json'].includes(mediaType)"
ANY_IN_TYPESCRIPT = r"^\s+[\"']?[\w-]+[\"']?\??: (?:unknown|any)\b"
NO_DOCS = "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"


@dataclass(frozen=True)
class Step:
    """A command, in the generator's folder."""

    label: str  # what the table says where it succeeds
    command: Sequence[str]
    needs: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Generator:
    """A generator and its steps; to `run` the server's address is added."""

    name: str
    package: str
    generate: Step
    checks: Sequence[Step]
    run: Step
    untyped: Mapping[str, str]  # by files of the client: a pattern of what takes or gives anything

    @property
    def folder(self) -> Path:
        return FOLDER / self.name

    @property
    def programs(self) -> Path:
        return Path(__file__).parent / "programs" / self.name


def all_of(tools: Tools, contract: Path) -> list[Generator]:
    """Every generator that the contract is proven with."""
    source = str(contract)
    return [
        _python(
            "openapi-generator-python",
            "openapi-generator-cli",
            "mypy --strict, in the client without five rules",
            _openapi_generator(tools, source, "python", "packageName=workplan_client", output="."),
            {
                "workplan_client/api/*.py": r"Annotated\[(?:Optional\[)?Any\b",
                "workplan_client/models/*.py": r"^    \w+: (?:Optional\[)?Any\b",
            },
            tools,
        ),
        _python(
            "openapi-python-client",
            "openapi-python-client",
            "mypy --strict, in one file of the client without one rule",
            Step(
                "yes",
                [
                    tools.script("openapi-python-client"),
                    *("generate", "--path", source, "--output-path", "workplan_client"),
                    *("--meta", "none", "--overwrite"),
                ],
                ["venv"],
            ),
            {
                "workplan_client/api/*/*.py": r"^    \w+: .*\bAny\b.*,$",
                "workplan_client/models/*.py": r"^    (?!additional_properties)\w+: .*\bAny\b",
            },
            tools,
        ),
        _python(
            "datamodel-code-generator",
            "datamodel-code-generator",
            "mypy --strict",
            Step(
                "yes, models only",
                [
                    tools.script("datamodel-codegen"),
                    *("--input", source, "--input-file-type", "openapi"),
                    *("--output", "workplan_client/__init__.py", "--use-annotated"),
                    *("--output-model-type", "pydantic_v2.BaseModel"),
                    *("--target-python-version", "3.11", "--set-default-enum-member"),
                    *("--openapi-scopes", "schemas", "paths", "parameters"),
                    "--collapse-root-models",
                ],
                ["venv"],
            ),
            {"workplan_client/__init__.py": r"^    \w+: .*\bAny\b"},
            tools,
        ),
        _typescript(
            "openapi-typescript",
            "openapi-typescript",
            Step(
                "yes", [tools.node("openapi-typescript"), source, "--output", "client/schema.d.ts"]
            ),
            tools,
        ),
        _typescript(
            "hey-api",
            "@hey-api/openapi-ts",
            Step(
                "yes",
                [
                    tools.node("openapi-ts"),
                    *("--input", source, "--output", "client", "--client", "@hey-api/client-fetch"),
                    "--no-log-file",
                ],
            ),
            tools,
        ),
        _typescript(
            "orval",
            "orval",
            Step(
                "yes",
                [tools.node("orval"), "--config", "orval.config.cjs"],
                environment={"OPENAPI": source},
            ),
            tools,
        ),
        _typescript(
            "openapi-typescript-codegen",
            "openapi-typescript-codegen",
            Step(
                "yes",
                [
                    tools.node("openapi"),
                    *("--input", source, "--output", "client", "--useOptions", "--useUnionTypes"),
                ],
            ),
            tools,
            "client/models/*.ts",
            "client/services/*.ts",
        ),
        _typescript(
            "swagger-typescript-api",
            "swagger-typescript-api",
            Step(
                "yes",
                [
                    tools.node("swagger-typescript-api"),
                    *("generate", "--path", source, "--output", "client", "--modular"),
                ],
            ),
            tools,
            "client/data-contracts.ts",
            "client/V1.ts",
        ),
        _typescript(
            "oazapfts",
            "oazapfts",
            Step("yes", [tools.node("oazapfts"), source, "client.ts"]),
            tools,
            "client.ts",
        ),
        _typescript(
            "openapi-zod-client",
            "openapi-zod-client",
            Step(
                "yes",
                [
                    tools.node("openapi-zod-client"),
                    *(source, "--output", "client.ts", "--media-type-expr", JSON_ONLY),
                    *("--additional-props-default-value", "false"),  # a misspelt member is an error
                ],
            ),
            tools,
            "client.ts",
            untyped=ANY_IN_ZOD,
        ),
        _typescript(
            "kubb",
            "@kubb/core",
            Step(
                "yes",
                [tools.node("kubb"), "generate", "--config", "kubb.config.mjs"],
                environment={"OPENAPI": source, "DO_NOT_TRACK": "1"},
            ),
            tools,
            "client/clients/*.ts",
            "client/types/*.ts",
        ),
        _java(source, tools),
        _go(source, tools),
    ]


def _openapi_generator(
    tools: Tools, source: str, target: str, options: str, *more: str, output: str
) -> Step:
    return Step(
        "yes",
        [
            tools.script("openapi-generator-cli"),
            *("generate", "--generator-name", target, "--input-spec", source, "--output", output),
            *("--additional-properties", options, "--global-property", NO_DOCS, *more),
        ],
        ["venv", "java"],
    )


def _python(
    name: str, package: str, level: str, generate: Step, untyped: Mapping[str, str], tools: Tools
) -> Generator:
    python = str(tools.python)
    mypy = [python, "-m", "mypy", "--no-error-summary", "program.py", "workplan_client"]
    pyright = [tools.node("pyright"), "--pythonpath", python]
    checks = [
        Step(level, mypy, ["venv"]),
        Step("pyright strict on the program", pyright, ["node", "npm"]),
    ]
    run = Step("yes", [python, "program.py"], ["venv"])
    return Generator(name, package, generate, checks, run, untyped)


def _typescript(
    name: str,
    package: str,
    generate: Step,
    tools: Tools,
    *typed: str,
    untyped: str = ANY_IN_TYPESCRIPT,
) -> Generator:
    needs = ["node", "npm"]
    compiled = Step("tsc --strict and more", [tools.node("tsc"), "--project", "."], needs)
    asked = Step(generate.label, generate.command, needs, generate.environment)
    run = Step("yes", ["node", "out/program.js"], needs)
    return Generator(
        name, package, asked, [compiled], run, dict.fromkeys(typed or ["client/*.ts"], untyped)
    )


def _java(source: str, tools: Tools) -> Generator:
    options = "openApiNullable=false,useSingleRequestParameter=true,invokerPackage=workplan.client"
    options += ",apiPackage=workplan.client.api,modelPackage=workplan.client.model"
    generate = _openapi_generator(
        tools, source, "java", options, "--library", "native", output="client"
    )
    jar = str(tools.jar) if "venv" not in tools.missing else ""
    shell = (
        "find . -name '*.java' ! -path '*/src/test/*' > sources && "
        f"javac -encoding UTF-8 -Xlint:all,-deprecation,-processing -Werror -d out -cp '{jar}' @sources"
    )
    compiled = Step("javac -Xlint -Werror", ["sh", "-c", shell], ["javac"])
    run = ["java", "-Dfile.encoding=UTF-8", "-cp", os.pathsep.join(["out", jar]), "Program"]
    return Generator(
        "openapi-generator-java",
        "openapi-generator-cli",
        generate,
        [compiled],
        Step("yes", run, ["java"]),
        {
            "client/src/main/**/*.java": r"@(?:javax\.annotation\.)?(?:Nullable|Nonnull) (?:List<)?Object\b"
        },
    )


def _go(source: str, tools: Tools) -> Generator:
    options = "packageName=client,withGoMod=false"
    generate = _openapi_generator(tools, source, "go", options, output="client")
    go = tools.script("go")
    alone = {
        "GOCACHE": str(FOLDER / "go-cache"),
        "GOPATH": str(FOLDER / "go"),
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=mod",
    }
    checks = [
        Step("go build", [go, "build", "-o", "program", "."], ["venv"], alone),
        Step("go vet", [go, "vet", "./..."], ["venv"], alone),
    ]
    return Generator(
        "openapi-generator-go",
        "openapi-generator-cli",
        generate,
        checks,
        Step("yes", ["./program"]),
        {"client/*.go": r"^(?:func \(r Api|\t[A-Z]\w+ ).*\binterface\{\}"},
    )
