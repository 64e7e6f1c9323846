"""The tab "Files" of Photon denoise: many files into a folder, with the settings of the form.

- `controller`: what it does, without Qt; `rows`: what is said of each file.
- `page`: what is seen of it; `table`: the files.
"""
