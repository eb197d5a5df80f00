# One command for each of eleven outputs: every command decodes, scales and encodes for itself.
video() { # HEIGHT BITRATE MAXIMUM BUFFER
    echo "-c:v libx264 -preset medium -profile:v high -b:v ${2}k -maxrate ${3}k -bufsize ${4}k
        -g 240 -keyint_min 240 -sc_threshold 0 -flags +cgop -threads 1"
}
graph() { # HEIGHT
    echo "[0:v:0]fps=24:start_time=0:round=near,zscale=w=-2:h=$1:filter=bicubic,setsar=1[v];[0:a:0]aresample=44100:async=1:first_pts=0[a]"
}
aac='-c:a aac -b:a 48k -ac 2' mp3='-c:a libmp3lame -b:a 48k -ac 2'

make() { # HEIGHT BITRATE MAXIMUM BUFFER
    ff -i "$SOURCE" -filter_complex "$(graph "$1")" -map '[v]' -map '[a]' $(video "$@") $aac \
        -movflags +faststart -f mp4 "$OUT/$1.mp4"
    mkdir -p "$OUT/$1"
    ff -i "$SOURCE" -filter_complex "$(graph "$1")" -map '[v]' -map '[a]' $(video "$@") $aac \
        -f hls -hls_playlist_type vod -hls_list_size 0 -hls_time 10 -hls_segment_filename "$OUT/$1/%05d.ts" "$OUT/$1/index.m3u8"
    ff -i "$SOURCE" -filter_complex "$(graph "$1")" -map '[v]' -map '[a]' $(video "$@") $mp3 -f flv "$OUT/$1.flv"
}
make 180 256 384 512
make 360 512 768 1024
make 720 1024 1536 2048

ff -i "$SOURCE" -map 0:v:0 -vf "$(every "$SECONDS_LONG/10")" -fps_mode passthrough -q:v 2 -threads 1 "$OUT/sample_%d.jpg"
ff -i "$SOURCE" -map 0:v:0 -frames:v 1 -q:v 2 "$OUT/cover.jpg"
