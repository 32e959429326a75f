"""Pictures in layers as files that painting programs open: Photoshop's PSD and PSB, and OpenRaster.

`layer` has what a layer is, `stack` makes layers of pictures and of what a person typed, `picks` applies what a person
chose in the page, `compose` puts layers together; `psd_write`, `psd_read`, `ora_write` and `ora_read` are the files, and
`open_file` tells them apart. Needs numpy, Pillow and the standard library; colours are straight, never premultiplied.
"""
