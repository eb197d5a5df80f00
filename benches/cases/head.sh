# What all scripts here begin with. Given: FFMPEG, SOURCE (a landscape film with sound), OUT (an empty folder),
# SECONDS_LONG (of the source), MARK (a picture), KEYS (a folder with a key and its key-info file).
set -eu
ff() { "$FFMPEG" -hide_banner -nostdin -v error -y "$@"; }
# The first picture at or after every multiple of a time.
every() { echo "select='isnan(prev_selected_t)+gt(floor(t/($1)),floor(prev_selected_t/($1)))'"; }
