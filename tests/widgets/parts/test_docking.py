"""Where docks of ours come in napari's window."""

import pytest
from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QDockWidget, QMainWindow

from napari_photon_denoise.widgets.calibration.hand_over import use_for_denoising
from napari_photon_denoise.widgets.denoise.widget import DenoiseWidget
from napari_photon_denoise.widgets.parts.settings import PLUGIN
from napari_photon_denoise.widgets.plots.page import PlotPage
from widgets.conftest import CAMERA

FORMS = {"denoise": "Photon denoise", "learn": "Learn to denoise", "compare": "Compare methods"}
PLOTS = {"line_profile": "Line profile", "histogram": "Histogram"}
Area = Qt.DockWidgetArea


def docks(window, name):
    return [dock for dock in window.findChildren(QDockWidget) if dock.windowTitle() == name]


class Desk:
    """A viewer on the screen, and its docks."""

    def __init__(self, viewer, until, size):
        self.viewer, self.until = viewer, until
        viewer.window.show()
        viewer.window.resize(*size)
        self.size = self.window.size()

    @property
    def window(self):
        return self.viewer.window._qt_window  # not kept, as napari looks for leaks

    def by_menu(self, command):
        from napari._app_model import get_app_model

        get_app_model().commands.execute_command(f"{PLUGIN}.{command}").result()

    def by_code(self, name):
        self.viewer.window.add_plugin_dock_widget(PLUGIN, name)

    def dock(self, name):
        (found,) = docks(self.window, name)
        return found

    def wait_for(self, name):
        """Until it is in front."""
        self.until(lambda: not self.dock(name).visibleRegion().isEmpty())

    def area(self, name):
        return self.window.dockWidgetArea(self.dock(name))

    def tabs(self, name):
        return {dock.windowTitle() for dock in self.window.tabifiedDockWidgets(self.dock(name))}


@pytest.fixture(params=[(1280, 720), (1600, 980)], ids=["small", "large"])
def desk(request, make_napari_viewer, nobodys_settings, plugins, until):
    return Desk(make_napari_viewer(), until, request.param)


@pytest.fixture
def large(make_napari_viewer, nobodys_settings, plugins, until):
    return Desk(make_napari_viewer(), until, (1600, 980))


def test_forms_are_tabs_and_plots_below_the_canvas(desk):
    """Opened from the menu or by code; the window keeps its size, a curve its height."""
    for command, name in (FORMS | PLOTS).items():
        if command in ("learn", "histogram"):
            desk.by_code(name)
        else:
            desk.by_menu(command)
        desk.wait_for(name)
    assert desk.tabs("Photon denoise") == {"Learn to denoise", "Compare methods"}
    assert desk.tabs("Line profile") == {"Histogram"}
    assert desk.area("Photon denoise") == Area.RightDockWidgetArea
    assert desk.area("Histogram") == Area.BottomDockWidgetArea
    assert desk.window.size() == desk.size
    for name in PLOTS.values():
        desk.dock(name).raise_()
        desk.wait_for(name)
        canvas = desk.dock(name).findChild(PlotPage)._canvas
        assert canvas.visibleRegion().boundingRect().size() == canvas.size()
        for plot in canvas.plots:
            assert plot.getViewBox().height() >= 200
            assert plot.getViewBox().width() >= 180


def test_menu_brings_what_is_behind_to_the_front(large):
    for command in ("denoise", "compare"):
        large.by_menu(command)
        large.wait_for(FORMS[command])
    large.by_menu("denoise")  # napari hides what is shown, behind a tab as well
    large.wait_for("Photon denoise")
    large.by_menu("denoise")  # in front it is hidden, as of any plugin
    large.until(lambda: large.dock("Photon denoise").isHidden())
    large.by_menu("denoise")
    large.wait_for("Photon denoise")


def test_one_photon_denoise_from_wherever(large):
    use_for_denoising(large.viewer, CAMERA)
    large.wait_for("Photon denoise")
    large.by_menu("compare")
    large.wait_for("Compare methods")
    for again in (
        lambda: large.by_menu("denoise"),
        lambda: use_for_denoising(large.viewer, CAMERA),
    ):
        again()
        large.wait_for("Photon denoise")
        large.dock("Compare methods").raise_()
        large.wait_for("Compare methods")
    large.by_code("Photon denoise")
    kinds = [type(widget) for widget in large.viewer.window.dock_widgets.values()]
    assert kinds.count(DenoiseWidget) == 1


def test_a_plot_stays_where_the_user_puts_it(large):
    large.by_menu("line_profile")
    large.wait_for("Line profile")
    page = large.dock("Line profile").findChild(PlotPage)
    assert page._layout.direction() == page._layout.Direction.LeftToRight
    large.window.addDockWidget(Area.RightDockWidgetArea, large.dock("Line profile"))
    assert page._layout.direction() == page._layout.Direction.TopToBottom
    large.viewer.window.remove_dock_widget(large.dock("Line profile"))
    large.until(lambda: not docks(large.window, "Line profile"))
    large.by_menu("line_profile")
    large.wait_for("Line profile")
    assert large.area("Line profile") == Area.RightDockWidgetArea
    page = large.dock("Line profile").findChild(PlotPage)
    assert page._layout.direction() == page._layout.Direction.TopToBottom
    assert page._canvas.plots[0].getViewBox().height() >= 200


def test_other_docks_are_left_alone(large, qtbot):
    from qtpy.QtWidgets import QLabel

    large.viewer.window.add_dock_widget(QLabel("someone else's"), name="other", area="right")
    large.by_menu("denoise")
    large.wait_for("Photon denoise")
    assert not large.tabs("Photon denoise")
    assert isinstance(large.window, QMainWindow)
    assert large.window.size() == QSize(1600, 980)
