# One command for each of eight outputs.
rung() { # HEIGHT BITRATE MAXIMUM BUFFER FORMAT...
    height=$1 bitrate=$2 maximum=$3 buffer=$4
    shift 4
    ff -i "$SOURCE" -filter_complex "
        [0:v:0]fps=25:start_time=0:round=near,zscale=w=-2:h=$height:filter=bicubic,setsar=1[v];
        [0:a:0]aresample=44100:async=1:first_pts=0[a]" \
        -map '[v]' -map '[a]' -c:v libx264 -preset "$PRESET" -profile:v high \
        -b:v "${bitrate}k" -maxrate "${maximum}k" -bufsize "${buffer}k" \
        -g 50 -keyint_min 50 -sc_threshold 0 -flags +cgop -threads 1 -c:a aac -b:a 64k -ac 2 "$@"
}
both() { # HEIGHT BITRATE MAXIMUM BUFFER
    rung "$@" -movflags +faststart -f mp4 "$OUT/$1.mp4"
    mkdir -p "$OUT/$1"
    rung "$@" -f hls -hls_playlist_type vod -hls_list_size 0 -hls_time 6 \
        -hls_segment_filename "$OUT/$1/%05d.ts" "$OUT/$1/index.m3u8"
}
both 360 400 600 800
both 480 800 1200 1600
both 720 1800 2700 3600
both 1080 3000 4500 6000
