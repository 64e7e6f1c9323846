"""A dock without Qt: what a controller is tested with."""

from napari_photon_denoise.errors import PhotonDenoiseError
from napari_photon_denoise.widgets.parts.dock_controller import UNCHANGED, DockController


class FakeBar:
    """Keeps what is said."""

    def __init__(self):
        self.message, self.busy, self.refused, self.steps = "", False, [], []

    def show_busy(self):
        self.busy = True

    def show_idle(self):
        self.busy = False

    def show_progress(self, step):
        self.steps.append(step)
        self.say(step.text)

    def show_cancelling(self, text="Cancelling…"):
        self.say(text)

    def name_run(self, text, tip):
        self.run = text

    def name_cancel(self, tip, text="Cancel"):
        self.cancel = text

    def say(self, text):
        self.message = text

    def hint(self, sentence):
        self.say(f"⚠ {sentence}" if sentence else "")

    def refuse(self, sentence):
        self.refused.append(sentence)
        self.hint(sentence)


class FakeRunner:
    """Runs a job a step at a time, when the test says so."""

    def __init__(self):
        self.job, self.cancelled = None, False

    @property
    def busy(self):
        return self.job is not None

    def start(self, job, title):
        assert not self.busy
        self.job, self.title, self.cancelled = job, title, False

    def cancel(self):
        self.cancelled = self.busy


class FakeDock:
    """Bar, runner and controller, as `Dock` puts them together."""

    def __init__(self, order, cancelled=UNCHANGED):
        self.bar, self.runner = FakeBar(), FakeRunner()
        self.controller = DockController(self.bar, self.runner, order, cancelled)

    def step(self):
        """Do what a worker does until the job's next step, or its end."""
        control, job = self.controller, self.runner.job
        try:
            if self.runner.cancelled:
                job.close()
            else:
                control.on_progress(next(job))
                return
        except StopIteration as end:
            control.on_success(end.value)
        except PhotonDenoiseError as error:
            self.bar.refuse(str(error))
        except Exception as error:
            control.on_failure(error)
        self.runner.job = None
        control.on_finished()

    def finish(self):
        """Run the job to its end."""
        while self.runner.busy:
            self.step()
