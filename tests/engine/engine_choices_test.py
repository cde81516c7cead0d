#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""engine/ with a fake `ollama` on PATH: every choice and failure, without network or compiler."""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from engine_command import ENGINE, is_alive, processes_of, run

FAKE = pathlib.Path(__file__).resolve().parent / "fake_ollama.py"
CLOSED = "127.0.0.1:9"  # the discard port: nothing answers there

GO_PLACES = [*pathlib.Path("/usr/local/go/bin").glob("go"),
             *pathlib.Path("/usr/lib").glob("go-1.*/bin/go")]


def await_true(condition, limit_s=60):
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit_s} s")
        time.sleep(0.02)


class EngineTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.bin = self.root / "path"
        self.bin.mkdir()
        self.state = self.root / "state"
        self.environment = {
            "PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(self.root),
            "TESSERA_ENGINE_DIR": str(self.state), "OLLAMA_HOST": CLOSED,
        }
        self.addCleanup(self.engine, "stop")

    def engine(self, *arguments, **environment):
        return run(*arguments, environment={**self.environment, **environment})

    def put_on_path(self, name, text):
        program = self.bin / name
        program.write_text(text)
        program.chmod(0o755)

    def put_ollama_on_path(self, **config):
        self.put_on_path("ollama", f'#!/bin/sh\nexec "{sys.executable}" "{FAKE}" "$@"\n')
        self.environment["FAKE_OLLAMA"] = json.dumps(config)

    def start_foreign_ollama(self, **config):
        """A server that is not ours, at a port of its own; answers its address."""
        server = subprocess.Popen(
            [sys.executable, FAKE, "serve"], stderr=subprocess.PIPE, text=True,
            env={**os.environ, "OLLAMA_HOST": "127.0.0.1:0", "FAKE_OLLAMA": json.dumps(config)})
        self.addCleanup(server.stderr.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        port = server.stderr.readline().split("127.0.0.1:")[1].split()[0]
        return server, f"127.0.0.1:{port}"

    def assert_nothing_runs(self):
        self.assertEqual(processes_of(self.state), [])
        self.assertFalse((self.state / "ollama.pid").exists())
        self.assertFalse((self.state / "ollama.url").exists())


class StartTest(EngineTest):

    def test_starts_the_ollama_on_path_and_stops_it(self):
        self.put_ollama_on_path()
        result = self.engine("start", "--port", "0")
        self.assertEqual(result.code, 0, result)
        self.assertEqual(result.values["OLLAMA_STARTED_HERE"], "1")
        self.assertEqual(result.values["OLLAMA_VERSION"], "0.17.4")
        self.assertEqual(result.values["VISION_MODEL"], "tessera-mini")
        self.assertEqual(result.values["TEXT_MODEL_STANDS_IN"], "1")
        self.assertEqual((self.state / "engine.env").read_text(), result.stdout)
        self.assertEqual((self.state / "ollama.url").read_text().strip(),
                         result.values["OLLAMA_URL"])
        pid = int((self.state / "ollama.pid").read_text().split()[0])
        self.assertIn(pid, processes_of(self.state))
        self.assertEqual(self.engine("stop").code, 0)
        self.assert_nothing_runs()

    def test_starting_again_finds_the_first(self):
        self.put_ollama_on_path()
        first = self.engine("start", "--port", "0")
        second = self.engine("start", "--port", "0")
        self.assertEqual(second.code, 0, second)
        self.assertEqual(first.values["OLLAMA_URL"], second.values["OLLAMA_URL"])
        self.assertEqual(first.values["OLLAMA_STARTED_HERE"], "1")
        self.assertEqual(second.values["OLLAMA_STARTED_HERE"], "0")
        self.assertEqual(len(processes_of(self.state)), 1)
        moved = self.engine("start", "--port", "1")
        self.assertEqual(moved.code, 1, moved)
        self.assertIn("already running", moved.said)

    def test_two_at_once_start_one(self):
        self.put_ollama_on_path()
        starts = [subprocess.Popen([ENGINE, "start", "--port", "0"], env=self.environment,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                  for _ in range(3)]
        answers = [start.communicate(timeout=60)[0] for start in starts]
        self.assertEqual([start.returncode for start in starts], [0, 0, 0])
        self.assertEqual(len({answer.splitlines()[0] for answer in answers}), 1, answers)
        self.assertEqual("".join(answers).count("OLLAMA_STARTED_HERE=1"), 1, answers)
        self.assertEqual(len(processes_of(self.state)), 1)

    def test_an_ollama_that_dies_at_once_is_code_4_with_its_last_words(self):
        self.put_ollama_on_path(fault="dies")
        result = self.engine("start", "--port", "0")
        self.assertEqual(result.code, 4, result)
        self.assertIn("permission denied", result.said)
        self.assertIn("ollama.log", result.said)
        self.assertEqual(result.stdout, "")
        self.assert_nothing_runs()

    def test_a_silent_ollama_is_given_up_and_ended(self):
        self.put_ollama_on_path(fault="silent")
        began = time.monotonic()
        result = self.engine("start", "--port", "0", TESSERA_ENGINE_START_LIMIT_SECONDS="1")
        self.assertEqual(result.code, 4, result)
        self.assertLess(time.monotonic() - began, 60)
        self.assert_nothing_runs()

    def test_a_taken_port_is_code_5(self):
        self.put_ollama_on_path()
        with socket.create_server(("127.0.0.1", 0)) as holder:
            result = self.engine("start", "--port", str(holder.getsockname()[1]))
        self.assertEqual(result.code, 5, result)
        self.assert_nothing_runs()

    def test_a_taken_default_port_is_replaced_by_a_free_one(self):
        self.put_ollama_on_path()
        try:
            holder = socket.create_server(("127.0.0.1", 11434))
            self.addCleanup(holder.close)
        except OSError:
            pass  # somebody holds it already, which serves as well
        result = self.engine("start", "--private")
        self.assertEqual(result.code, 0, result)
        self.assertNotIn(":11434", result.values["OLLAMA_URL"])

    def test_a_refused_model_is_code_6_and_nothing_is_left(self):
        self.put_ollama_on_path(fault="refuses_create")
        result = self.engine("start", "--port", "0")
        self.assertEqual(result.code, 6, result)
        self.assertIn("no space left on device", result.said)
        self.assert_nothing_runs()

    def test_an_interrupted_start_leaves_nothing(self):
        self.put_ollama_on_path(fault="silent")
        start = subprocess.Popen([ENGINE, "start", "--port", "0"], env=self.environment,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await_true(lambda: processes_of(self.state))
        start.terminate()
        self.assertEqual(start.wait(timeout=60), 130)
        self.assert_nothing_runs()


class ForeignEngineTest(EngineTest):

    def test_an_engine_that_answers_is_used_and_left_alone(self):
        server, address = self.start_foreign_ollama()
        result = self.engine("start", OLLAMA_HOST=address)
        self.assertEqual(result.code, 0, result)
        self.assertEqual(result.values["OLLAMA_URL"], f"http://{address}")
        self.assertEqual(result.values["OLLAMA_STARTED_HERE"], "0")
        self.assertEqual(processes_of(self.state), [])
        self.assertEqual(self.engine("stop").code, 0)
        self.assertIsNone(server.poll())

    def test_an_engine_with_the_deployments_models_gets_no_stand_in(self):
        _, address = self.start_foreign_ollama(
            version="0.31.0", models=["qwen3-vl:4b", "llama3.2-custom:latest"])
        result = self.engine("start", OLLAMA_HOST=address)
        self.assertEqual(result.values["VISION_MODEL"], "qwen3-vl:4b", result)
        self.assertEqual(result.values["TEXT_MODEL"], "llama3.2-custom")
        self.assertEqual(result.values["VISION_MODEL_STANDS_IN"], "0")
        self.assertEqual(result.values["TEXT_MODEL_STANDS_IN"], "0")
        listed = self.engine("models", OLLAMA_HOST=address)
        self.assertNotIn("tessera-mini", listed.said)

    def test_the_vision_model_answers_text_where_the_text_model_is_missing(self):
        _, address = self.start_foreign_ollama(models=["qwen3-vl:4b"])
        result = self.engine("start", OLLAMA_HOST=address)
        self.assertEqual(result.values["TEXT_MODEL"], "qwen3-vl:4b", result)
        self.assertEqual(result.values["TEXT_MODEL_STANDS_IN"], "1")

    def test_an_engine_too_new_for_the_stand_in_is_passed_over(self):
        _, address = self.start_foreign_ollama(version="0.31.0")
        self.put_ollama_on_path()
        result = self.engine("start", OLLAMA_HOST=address)
        self.assertEqual(result.code, 0, result)
        self.assertIn("passing over the Ollama 0.31.0", result.said)
        self.assertEqual(result.values["OLLAMA_STARTED_HERE"], "1")

    def test_private_ignores_an_engine_that_answers(self):
        _, address = self.start_foreign_ollama()
        self.put_ollama_on_path()
        result = self.engine("start", "--port", "0", OLLAMA_HOST=address)
        self.assertNotEqual(result.values["OLLAMA_URL"], f"http://{address}", result)


class NoOllamaTest(EngineTest):

    def test_no_ollama_and_no_install_is_code_3(self):
        result = self.engine("start", "--no-install")
        self.assertEqual(result.code, 3, result)
        self.assertIn("simulator", result.said)
        self.assertEqual(result.stdout, "")

    def test_an_old_ollama_on_path_is_passed_over(self):
        self.put_ollama_on_path(version="0.12.6")
        result = self.engine("start", "--no-install")
        self.assertEqual(result.code, 3, result)
        self.assertIn("0.12.6", result.said)

    def test_a_new_ollama_on_path_is_taken_where_the_vision_model_is_at_hand(self):
        models = self.root / "models"
        manifest = models / "manifests/registry.ollama.ai/library/qwen3-vl/4b"
        manifest.parent.mkdir(parents=True)
        manifest.touch()
        self.put_ollama_on_path(version="0.31.0", models=["qwen3-vl:4b"])
        result = self.engine("start", "--port", "0", OLLAMA_MODELS=str(models))
        self.assertEqual(result.code, 0, result)
        self.assertEqual(result.values["VISION_MODEL"], "qwen3-vl:4b")

    def test_a_failed_build_is_code_3_and_shows_the_end_of_its_log(self):
        self.put_on_path("dpkg-query", "#!/bin/sh\nprintf installed\n")
        self.put_on_path("go", "#!/bin/sh\n[ \"$1\" = env ] && { echo go1.26.0; exit; }\n"
                               "echo 'dial tcp: lookup proxy: no such host' >&2; exit 1\n")
        for command in ("install", "start"):
            result = self.engine(command)
            self.assertEqual(result.code, 3, result)
            self.assertIn("no such host", result.said)
            self.assertIn("GOPROXY", result.said)
            self.assertEqual(result.stdout, "")

    def test_an_interrupted_build_leaves_nothing(self):
        self.put_on_path("dpkg-query", "#!/bin/sh\nprintf installed\n")
        pid_file = self.root / "go.pid"
        self.put_on_path("go", "#!/bin/sh\n[ \"$1\" = env ] && { echo go1.26.0; exit; }\n"
                               f"sleep 600 & echo $! >{pid_file}; wait\n")
        install = subprocess.Popen([ENGINE, "install"], env=self.environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await_true(lambda: pid_file.exists() and pid_file.read_text().strip())
        install.terminate()
        self.assertEqual(install.wait(timeout=60), 130)
        await_true(lambda: not is_alive(int(pid_file.read_text())))

    def test_without_go_or_apt_it_says_what_to_install(self):
        if any(GO_PLACES):
            self.skipTest("a Go is installed outside PATH, where engine/ looks too")
        self.put_on_path("go", "#!/bin/sh\necho go1.19.8\n")
        bare = self.root / "bare"
        bare.mkdir()
        for name in ("bash sh env dirname basename cat cut awk grep sed head tail tr id mkdir rm "
                     "uname flock curl timeout sleep setsid mv tee sha256sum").split():
            for place in ("/usr/bin", "/bin"):
                if pathlib.Path(place, name).exists():
                    (bare / name).symlink_to(pathlib.Path(place, name))
                    break
        result = self.engine("install", PATH=f"{self.bin}:{bare}")
        self.assertEqual(result.code, 3, result)
        self.assertIn("Go 1.21 or newer is needed", result.said)


class StopTest(EngineTest):

    def test_a_child_that_ignores_the_signal_is_ended_too(self):
        self.put_ollama_on_path(stubborn_child=True)
        self.engine("start", "--port", "0")
        self.assertEqual(len(processes_of(self.state)), 2)
        self.assertEqual(self.engine("stop").code, 0)
        self.assert_nothing_runs()

    def test_an_orphan_of_a_killed_server_is_ended(self):
        self.put_ollama_on_path(stubborn_child=True)
        self.engine("start", "--port", "0")
        os.kill(int((self.state / "ollama.pid").read_text().split()[0]), 9)
        self.assertEqual(self.engine("stop").code, 0)
        self.assert_nothing_runs()

    def test_a_reused_pid_is_spared(self):
        bystander = subprocess.Popen(["sleep", "60"])
        self.addCleanup(bystander.wait)
        self.addCleanup(bystander.kill)
        self.state.mkdir()
        (self.state / "ollama.pid").write_text(f"{bystander.pid}\nnot-its-mark\n")
        self.assertEqual(self.engine("stop").code, 0)
        self.assertTrue(is_alive(bystander.pid))
        self.assertIsNone(bystander.poll())

    def test_stopping_nothing_is_no_failure(self):
        self.assertEqual(self.engine("stop").code, 0)


class ModelsTest(EngineTest):

    def created_by(self, **config):
        record = self.root / "creates"
        self.put_ollama_on_path(record=str(record), **config)
        result = self.engine("start", "--port", "0")
        self.assertEqual(result.code, 0, result)
        return {body["model"]: body for body in map(json.loads, record.read_text().splitlines())}

    def test_the_stand_in_is_created_as_its_modelfile_says(self):
        body = self.created_by()["tessera-mini"]
        self.assertEqual(body["renderer"], "qwen3-vl-instruct")
        self.assertEqual(body["parser"], "qwen3-vl-instruct")
        self.assertEqual(body["parameters"],
                         {"num_ctx": 4096, "temperature": 0, "num_predict": 256})
        self.assertRegex(body["files"]["tessera-mini-q8.gguf"], "^sha256:[0-9a-f]{64}$")
        self.assertNotIn("from", body)

    def test_the_text_model_is_created_where_its_base_is(self):
        body = self.created_by(models=["llama3.2:3b-instruct-q8_0"])["llama3.2-custom"]
        self.assertEqual(body["from"], "llama3.2:3b-instruct-q8_0")
        self.assertEqual(body["parameters"]["num_ctx"], 8192)
        self.assertEqual(body["parameters"]["temperature"], 0.2)
        self.assertNotIn("files", body)

    def test_pull_fetches_the_bases_and_creates_the_text_model(self):
        self.put_ollama_on_path()
        self.engine("start", "--port", "0")
        result = self.engine("models", "--pull")
        self.assertEqual(result.code, 0, result)
        self.assertIn("1000 of 3000 MB", result.said)
        self.assertEqual(result.values["VISION_MODEL"], "qwen3-vl:4b")
        self.assertEqual(result.values["TEXT_MODEL"], "llama3.2-custom")

    def test_a_failed_pull_is_code_6_with_the_reason(self):
        self.put_ollama_on_path(fault="pull_fails")
        self.engine("start", "--port", "0")
        result = self.engine("models", "--pull")
        self.assertEqual(result.code, 6, result)
        self.assertIn("file does not exist", result.said)

    def test_create_refuses_a_model_whose_base_is_missing(self):
        self.put_ollama_on_path()
        self.engine("start", "--port", "0")
        result = self.engine("create", "qwen3-vl-custom")
        self.assertEqual(result.code, 6, result)
        self.assertIn("--pull", result.said)


class UsageTest(EngineTest):

    def test_wrong_arguments_are_code_2(self):
        for arguments in (["fly"], ["start", "--speed"], ["start", "--port"],
                          ["start", "--port", "x"], ["start", "--port", "65536"],
                          ["create"], ["create", "no-such-model"]):
            with self.subTest(arguments=arguments):
                result = self.engine(*arguments)
                self.assertEqual(result.code, 2, result)

    def test_help_teaches(self):
        result = self.engine("help")
        self.assertEqual(result.code, 0)
        for word in ("start", "--port", "OLLAMA_HOST", "exit codes"):
            self.assertIn(word, result.stdout)

    def test_status_without_an_engine_is_code_1(self):
        result = self.engine("status")
        self.assertEqual(result.code, 1, result)


if __name__ == "__main__":
    unittest.main(verbosity=2)
