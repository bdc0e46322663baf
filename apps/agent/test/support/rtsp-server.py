"""An RTSP camera made of GStreamer: a moving test picture as JPEG over RTP at rtsp://127.0.0.1:PORT/camera.

Prints the port on a line of its own. Each line read on standard input, WIDTHxHEIGHT, changes the picture's size while it plays.
"""
import sys

import gi

gi.require_version('Gst', '1.0')
gi.require_version('GstRtspServer', '1.0')
gi.require_version('GstRtsp', '1.0')
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer

Gst.init(None)
server = GstRtspServer.RTSPServer(service=sys.argv[1], address='127.0.0.1')
factory = GstRtspServer.RTSPMediaFactory(shared=True)
factory.set_launch(
    'videotestsrc is-live=true pattern=ball ! videoscale ! capsfilter name=size caps=video/x-raw,format=I420,width=320,height=240,framerate=25/1'
    ' ! jpegenc ! rtpjpegpay name=pay0 pt=26'
)
# Frames over the RTSP connection itself, as the agent asks for; a client that wants UDP is refused.
factory.set_protocols(GstRtsp.RTSPLowerTrans.TCP)
sizes = []


def configure(_factory, media):
    sizes.append(media.get_element().get_child_by_name('size'))


def command(_source, _condition):
    line = sys.stdin.readline()
    if not line:
        loop.quit()
        return False
    width, height = line.strip().split('x')
    for size in sizes:
        size.set_property('caps', Gst.Caps.from_string(f'video/x-raw,format=I420,width={width},height={height},framerate=25/1'))
    return True


factory.connect('media-configure', configure)
server.get_mount_points().add_factory('/camera', factory)
if server.attach(None) == 0:
    sys.exit('the port is taken')
loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, command)
print(server.get_bound_port(), flush=True)
loop.run()
