"""Train a variant of your own choice from the notebook, watch it learn, stop it, and see it in the comparison."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace

import ipywidgets

from seq2seq_lib.config import Profile, Sizes
from seq2seq_lib.data.tokenization import Data
from seq2seq_lib.experiments import records
from seq2seq_lib.experiments.records import Record
from seq2seq_lib.experiments.spec import RunSpec
from seq2seq_lib.experiments.studies import Study
from seq2seq_lib.models.variants import VARIANTS, find_variant
from seq2seq_lib.report.figures import curves, no_formulas
from seq2seq_lib.report.panels.background import BackgroundRun
from seq2seq_lib.report.panels.panel import Panel, fitted, picture, row, sentence, table
from seq2seq_lib.report.tables import comparison
from seq2seq_lib.utils.progress import duration

#: Seconds between two looks at how far the run is.
PACE = 0.5


def training_panel(study: Study, data: Data) -> Panel:
    """Controls for one run beside a study's: variant, sizes, schedule, seed; Train, Stop, and curves that grow.

    The run goes to a process of its own, so the notebook answers meanwhile. What it leaves is an ordinary record: asked
    for again, it is there at once, and `panel.study` is the study with all runs of the panel.

    Args:
        study: what the run is compared with; its profile fills the controls.
        data: the profile's corpus, prepared.
    """
    return _Trainer(study, data).panel


class TrainingPanel(Panel):
    """The widgets; `study` is the given study joined with the runs that the panel has trained."""

    @property
    def study(self) -> Study:
        return self.trainer.study


class _Trainer:
    def __init__(self, study: Study, data: Data) -> None:
        self.study, self.data = study, data
        self.folder = study.folder or records.CACHE / study.profile.name
        self.run: BackgroundRun | None = None
        self.one_at_a_time = threading.Lock()  # JupyterLab sends Stop to another thread than the cells'
        self.controls = _controls(study.profile, study.variants[0])
        self.train = ipywidgets.Button(description="Train", button_style="primary")
        self.stop = ipywidgets.Button(description="Stop", disabled=True)
        self.bar = ipywidgets.IntProgress(value=0, max=1, layout=ipywidgets.Layout(width="20em"))
        self.line, self.picture, self.table = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()
        self.train.on_click(self.start)
        self.stop.on_click(self.end)
        self.panel = TrainingPanel(
            [row(*self.controls.values()), row(self.train, self.stop, self.bar), self.line, self.picture, self.table],
            instead=lambda: curves(study, "train_loss", study.variants[:1], log=False, each_seed=True),
        )
        self.panel.trainer = self

    def start(self, button: object = None) -> None:
        """Reads the controls and starts the run, or shows the record that it left before."""
        try:
            job = self.job()
            found = records.find_record(self.folder, job.key(self.data))
            if found:
                return self._join(found, job, "This run is on record: nothing had to be trained.")
            self.run = BackgroundRun(job, self.data, self.folder)
        except (ValueError, OSError) as error:
            return self._say(str(error), error=True)
        self.train.disabled, self.stop.disabled = True, False
        self.bar.value, self.bar.max = 0, self.run.steps
        self._say("Starting …")
        self.task = asyncio.ensure_future(self.follow(self.run, job))

    def end(self, button: object = None) -> None:
        """Stops the run that goes on; this may come in another thread than the cells', so the rest is `follow`'s."""
        with self.one_at_a_time:
            if (run := self.run) and not run.done:
                self.run = None
                run.stop()
                self._say(f"Stopped at step {self.bar.value} of {run.steps}: no record is left.")

    async def follow(self, run: BackgroundRun, job: RunSpec) -> None:
        """Shows how far the run is until it has ended, then its result; no more of one that was stopped."""
        seen: list[tuple[float, int]] = []
        try:
            while self.run is run:
                await asyncio.sleep(PACE)
                with self.one_at_a_time:
                    if self.run is run:
                        self._look(run, job, seen)
        finally:
            self.run, self.train.disabled, self.stop.disabled = None, False, True

    def _look(self, run: BackgroundRun, job: RunSpec, seen: list[tuple[float, int]]) -> None:
        """One look at how far the run is; `seen` are the times, with their steps, at which there was something new."""
        try:
            if run.done:
                self.run = None
                return self._join(run.record(), job, "Done.")
            losses = run.losses()
            if losses and (not seen or losses[-1][0] > seen[-1][1]):
                seen.append((time.monotonic(), losses[-1][0]))
                self._progress(run, job, losses, seen[0])
        except Exception as error:  # whatever happened in the other process is told here, and nowhere else
            self.run = None
            self._say(str(error) or type(error).__name__, error=True)

    def job(self) -> RunSpec:
        """The run that the controls describe.

        Raises:
            ConfigError: when a number cannot work.
        """
        values = {name: _whole(control.value) for name, control in self.controls.items()}
        profile = self.study.profile
        sizes = Sizes(**{name: values[name] for name in ("embedding", "hidden", "layers", "dropout")})
        schedule = replace(
            profile.schedule, **{name: values[name] for name in ("epochs", "learning_rate", "teacher_forcing")}
        )
        changed = replace(profile, sizes=sizes, schedule=schedule)
        return RunSpec(values["variant"], find_variant(values["variant"]), changed, values["seed"])

    def _progress(
        self, run: BackgroundRun, job: RunSpec, losses: list[tuple[int, float]], first: tuple[float, int]
    ) -> None:
        step, loss = losses[-1]
        self.bar.value = step
        taken, done = time.monotonic() - first[0], step - first[1]
        left = f", about {duration(taken / done * (run.steps - step))} left" if done else ""
        ending = "; measuring on the test split" if step == run.steps else left
        self._say(f"Step {step} of {run.steps}, training loss {loss:.2f}{ending}.")
        self._draw(job, losses)

    @no_formulas
    def _draw(self, job: RunSpec, losses: list[tuple[int, float]], state: str = "now") -> None:
        """The run as a line of its own, whatever mean it joins, beside the lab's model and its own variant."""
        beside = [name for name in dict.fromkeys(("baseline", job.name)) if name in self.study.variants]
        figure = curves(self.study, "train_loss", beside, log=False)
        axes, label = figure.axes[0], self.label(job)
        axes.plot(*zip(*losses, strict=True), color="black", lw=1.8, ls=":", label=f"{state}: {label}, seed {job.seed}")
        axes.legend(handles=axes.lines[-1:], frameon=False, fontsize=8)
        self.picture.value = picture(figure, f"Training loss of {label}, seed {job.seed}, beside {', '.join(beside)}")

    def _join(self, record: Record, job: RunSpec, told: str) -> None:
        """The study with this run in it, drawn and tabulated."""
        label = self.label(job)
        record = {**record, "variant": label}
        others = [old for old in self.study.records if (old["variant"], old["seed"]) != (label, job.seed)]
        names = tuple(dict.fromkeys((*self.study.variants, label)))
        self.study = replace(self.study, variants=names, records=(*others, record))
        self.bar.value = self.bar.max
        shown = list(dict.fromkeys(name for name in ("baseline", job.name, label) if name in names))
        self._say(f"{told} Test perplexity {record['test']['perplexity']:.1f}.")
        self._draw(job, record["train_loss"], "trained")
        self.table.value = table(comparison(self.study).loc[shown])

    def label(self, job: RunSpec) -> str:
        """The variant's name, with whatever is not as in the study's profile."""
        own, profile = job.profile, self.study.profile
        differences = [
            f"{name.replace('_', ' ')} {getattr(mine, name):g}"
            for mine, theirs in ((own.sizes, profile.sizes), (own.schedule, profile.schedule))
            for name in self.controls
            if hasattr(mine, name) and getattr(mine, name) != getattr(theirs, name)
        ]
        return ", ".join([job.name, *differences])

    def _say(self, text: str, *, error: bool = False) -> None:
        self.line.value = sentence(text, error=error)
        if error:  # what was there belongs to another run
            self.picture.value = self.table.value = ""


def _whole(value: object) -> object:
    """A number without a fraction as an int: the fields would cut 32.7 in silence if they were for whole ones alone."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _controls(profile: Profile, variant: str) -> dict[str, ipywidgets.Widget]:
    """One control a setting, named as in `Sizes` and `Schedule`, filled with the profile's values."""
    sizes, schedule = profile.sizes, profile.schedule
    return {
        "variant": ipywidgets.Dropdown(options=list(VARIANTS), value=variant, **fitted("variant", "15em")),
        "embedding": ipywidgets.FloatText(sizes.embedding, step=1, **fitted("E (embedding)")),
        "hidden": ipywidgets.FloatText(sizes.hidden, step=1, **fitted("H (hidden)")),
        "layers": ipywidgets.FloatText(sizes.layers, step=1, **fitted("L (layers)")),
        "dropout": ipywidgets.FloatText(sizes.dropout, step=0.1, **fitted("dropout")),
        "epochs": ipywidgets.FloatText(schedule.epochs, step=1, **fitted("epochs")),
        "learning_rate": ipywidgets.FloatText(schedule.learning_rate, step=1e-3, **fitted("learning rate")),
        "seed": ipywidgets.FloatText(max(profile.seeds) + 1, step=1, **fitted("seed")),
        "teacher_forcing": ipywidgets.FloatText(
            schedule.teacher_forcing, step=0.05, **fitted("teacher forcing")
        ),
    }  # fmt: skip
