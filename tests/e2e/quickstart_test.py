"""The first run of a newcomer, and what every forecast promises."""
import itertools, json, re, subprocess, unittest
import harness
from harness import QUANTILES, SOURCE, TestCase, simulated


class Quickstart(TestCase):
    def test_the_quickstart_configuration_runs_and_draws(self):
        text = (SOURCE / "config" / "quickstart.toml").read_text().replace("../data/quickstart", "data")
        self.configure(text)
        run = self.risetime("run", "--html", "page.html")
        self.assertRegex(run.out, r"\d+ videos forecast, run [0-9a-f]{12}")
        page = (self.folder / "page.html").read_text()
        self.assertIn("<svg", page)
        self.assertNotRegex(page, r"(?:src|href)=[\"']?(?:https?:)?//", "the page must need nothing else")

    def test_totals_never_fall_and_quantiles_never_cross(self):
        self.configure(simulated() + harness.MODELS)
        self.risetime("run")
        last = {}
        for row in self.export("observation"):
            for stat in harness.STATS:
                if row[stat]:
                    last[row["video_id"], stat] = float(row[stat])
        rows = self.export("forecast")
        self.assertGreater(len(rows), 4 * 8 * 3)
        rows.sort(key=lambda row: (row["video_id"], row["stat"], row["target_at"]))
        for (video, stat), path in itertools.groupby(rows, key=lambda row: (row["video_id"], row["stat"])):
            floor = [last[video, stat]] * 8
            for row in path:
                values = [float(row[name]) for name in QUANTILES + ["mean"]]
                self.assertTrue(all(a >= b for a, b in zip(values, floor)), (video, stat, values, floor))
                self.assertEqual(values[:7], sorted(values[:7]), (video, stat))
                floor = values

    def test_a_second_run_trains_nothing_and_gives_the_same_run(self):
        self.configure(simulated() + harness.MODELS)
        first = json.loads(self.risetime("run", "--json").out)
        second = json.loads(self.risetime("run", "--json").out)
        self.assertTrue(first["train"][0]["trained"])
        self.assertFalse(second["train"][0]["trained"])
        self.assertEqual(first["run_id"], second["run_id"])
        self.assertEqual(first["forecasts"], second["forecasts"])

    def test_every_ready_made_configuration_passes_the_check(self):
        for file in sorted((SOURCE / "config").glob("*.toml")):
            with self.subTest(file.name):
                self.risetime("config", "check", config=file)

    def test_the_sample_of_every_plugin_and_of_all_passes_the_check(self):
        self.configure(self.risetime("config", "sample").out)
        self.risetime("config", "check")

    def test_wrong_settings_are_all_reported_with_their_places(self):
        self.configure(simulated().replace("channels = 4", "chanels = 4") + harness.MODELS.replace('"ridge"', '"rigde"'))
        run = self.risetime("config", "check", expect=78)
        self.assertRegex(run.out, r"risetime\.toml:\d+:\d+: .*chanels.*\n?.*[Dd]id you mean")
        self.assertRegex(run.out, r'risetime\.toml:\d+:\d+: .*rigde.*[Dd]id you mean "ridge"')

    def test_results_go_to_standard_output_and_everything_else_to_standard_error(self):
        self.configure(simulated() + harness.MODELS)
        run = self.risetime("run", "--json")
        json.loads(run.out)
        self.assertIn("training quick", run.err)

    def test_a_broken_plugin_file_is_named_and_stops_nobody(self):
        plugins = self.folder / "plugins"
        plugins.mkdir()
        (plugins / "broken.so").write_text("no shared object")
        self.configure(simulated() + harness.MODELS)
        run = self.risetime("run", "--plugins", plugins)
        self.assertRegex(run.err, r"broken\.so is left out: this is not a shared object")


class CommandLine(TestCase):
    def commands(self):
        """The commands of `risetime --help`."""
        text = subprocess.run([harness.PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
        names = re.findall(r"^  ([a-z]+) ", text.split("Subcommands:")[1], re.M)
        self.assertGreater(len(names), 10)
        return names

    def complete(self, *words):
        script = self.folder / "completion.bash"
        script.write_text(self.risetime("completion", "bash").out)
        line = " ".join(f"'{word}'" for word in words)
        return subprocess.run(["bash", "-c", f"source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _risetime; "
                               'printf "%s\\n" "${COMPREPLY[@]}"'], capture_output=True, text=True, check=True).stdout.split()

    def test_bash_completes_commands_and_options_below_options_and_commands(self):
        self.assertEqual(set(self.complete("risetime", "")) & set(self.commands()), set(self.commands()))
        self.assertEqual(self.complete("risetime", "--json", "config", "s"), ["sample", "schema"])
        self.assertIn("--out", self.complete("risetime", "backtest", "--"))
        self.assertNotIn("--out", self.complete("risetime", "status", "--"))

    def test_zsh_and_fish_get_every_command_as_well(self):
        for shell in ["zsh", "fish"]:
            text = self.risetime("completion", shell).out
            for command in self.commands():
                self.assertRegex(text, rf"\b{command}\b", shell)

    def test_the_manual_page_has_every_command_and_exit_status(self):
        page = self.risetime("manual").out
        for command in self.commands():
            self.assertIn(f".SS risetime {command}\n", page)
        self.assertEqual(re.findall(r"^\.TP\n\.B (\d+)$", page, re.M), ["0", "1", "2", "3", "78"])

    def test_the_graph_leads_from_sources_to_channels_by_their_models(self):
        self.configure(simulated() + harness.MODELS + """
[[model]]
id = "other"
plugin = "drift"

[[channel]]
id = 'sim:UC"1'
model = "quick"
shadow = ["other"]
""")
        graph = self.risetime("config", "graph").out
        for edge in ['"source simulated" -> "store rows"', '"store rows" -> "featurizer text"', '"featurizer text" -> "model quick"',
                     r'"model quick" -> "channel sim:UC\"1"', r'"model other" -> "channel sim:UC\"1" [style=dashed']:
            self.assertIn(edge, graph)


class Swapping(TestCase):
    CHANNELS = '\n[[model]]\nid = "plain"\nplugin = "naive"\n\n[[channel]]\nid = "simulated:{channel}"\nmodel = "{model}"\nshadow = ["{shadow}"]\n'

    def published(self):
        rows = self.export("forecast")
        channel_of = {row["video_id"]: row["channel_id"] for row in self.export("video")}
        return {(channel_of[row["video_id"]], row["model"], row["shadow"], row["run_id"]) for row in rows}

    def test_two_channels_have_two_models_and_a_shadow_and_one_line_swaps_them(self):
        self.configure(simulated())
        self.risetime("collect")
        channel = sorted({row["channel_id"] for row in self.export("video")})[0]
        base = simulated() + harness.MODELS
        self.configure(base + self.CHANNELS.format(channel=channel, model="plain", shadow="quick"))
        first = json.loads(self.risetime("run", "--json").out)
        seen = {(where, model, shadow) for where, model, shadow, _ in self.published()}
        self.assertIn((channel, "plain", "0"), seen)
        self.assertIn((channel, "quick", "1"), seen)
        self.assertNotIn((channel, "quick", "0"), seen)
        others = {(model, shadow) for where, model, shadow in seen if where != channel}
        self.assertEqual(others, {("quick", "0")})

        self.configure(base + self.CHANNELS.format(channel=channel, model="quick", shadow="plain"))
        second = json.loads(self.risetime("run", "--json").out)
        self.assertFalse(any(model["trained"] for model in second["train"]), "a swap must retrain nothing")
        self.assertEqual({m["model"]: m["artifact"] for m in first["train"]}, {m["model"]: m["artifact"] for m in second["train"]})
        now = {(model, shadow) for where, model, shadow, run in self.published() if where == channel and run == second["run_id"]}
        self.assertEqual(now, {("quick", "0"), ("plain", "1")})


if __name__ == "__main__":
    unittest.main()
