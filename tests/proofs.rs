//! One generated clip for each claim about fills, marks on stills and channels; other claims of this kind are proved in
//! `pictures`, `sprites`, `marks`, `renditions` and `packages`.

mod stage;

use std::path::{Path, PathBuf};

/// A grey clip of this size, so that black and white bars and marks are told from it.
fn grey_clip(name: &str, size: &str) -> PathBuf {
    let path = stage::folder().join(name);
    let source = format!("color=c=0x808080:s={size}:r=25:d=1,format=yuv420p");
    let target = path.to_str().expect("UTF-8").to_owned();
    stage::ffmpeg(&["-f", "lavfi", "-i", &source, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "1", &target]);
    path
}

fn made(name: &str, text: &str, clip: &Path) -> PathBuf {
    let out = stage::folder().join(format!("out-{name}"));
    stage::run(&stage::write(&format!("{name}.vod"), text), clip, &out, &[]);
    out
}

/// The first picture in red, green and blue.
struct Picture {
    width: usize,
    pixels: Vec<u8>,
}

impl Picture {
    fn read(path: &Path, width: usize) -> Picture {
        let words =
            ["-i", path.to_str().expect("UTF-8"), "-frames:v", "1", "-vf", "format=rgb24", "-f", "rawvideo", "-"];
        Picture { width, pixels: stage::ffmpeg(&words) }
    }

    fn green(&self, x: usize, y: usize) -> u8 {
        self.pixels[(y * self.width + x) * 3 + 1]
    }

    /// Whether a place is as bright as said, give or take what a coder does.
    fn is(&self, (x, y): (usize, usize), bright: u8) -> bool {
        self.green(x, y).abs_diff(bright) <= 5
    }
}

#[test]
fn bars_are_as_wide_as_the_shapes_differ_and_of_the_colour_asked_for() {
    // 320x180 into 320x320: bars of 70 rows; stretched there are none.
    let clip = grey_clip("bars.mp4", "320x180");
    for (fill, bar) in [("black", Some(0)), ("white", Some(255)), ("stretch", None)] {
        let text = format!(
            "template transcode t {{ container: mp4 video: {{ codec: h264, width: 320, height: 320, fill: {fill}, crf: 1 }} }}
            template snapshot p {{ width: 320 height: 320 fill: {fill} format: png }}
            template snapshot j {{ width: 320 height: 320 fill: {fill} }}
            procedure q() {{ transcode t snapshot at 0s using p cover at 0s using j }}"
        );
        let out = made(&format!("fill-{fill}"), &text, &clip);
        let stills = ["snapshotByTimeOffset/snapshotByTimeOffset_p_0.png", "coverBySnapshot/coverBySnapshot_j_0.jpg"];
        for file in [&["v.t.mp4"], &stills[..]].concat() {
            let picture = Picture::read(&out.join(file), 320);
            assert_eq!(picture.pixels.len(), 320 * 320 * 3, "{fill} {file}");
            for (y, bright) in [(2, bar), (64, bar), (160, None), (255, bar), (317, bar)] {
                let wanted = bright.unwrap_or(128);
                assert!(picture.is((160, y), wanted), "{fill} {file} row {y}: {}", picture.green(160, y));
            }
            assert!(picture.is((160, 76), 128) && picture.is((160, 243), 128), "{fill} {file}: the picture's own rows");
        }
    }
}

/// A square that is white, then red, then blue, a tenth of a second each.
fn three_colours(name: &str, options: &[&str]) {
    let path = stage::folder().join(name);
    let graph = "color=white:s=32x32:r=10:d=0.3,format=gbrp,\
        geq=r='if(eq(N,2),0,255)':g='if(eq(N,0),255,0)':b='if(eq(N,1),0,255)',format=rgba";
    let inputs = ["-f", "lavfi", "-i", graph];
    stage::ffmpeg(&[&inputs[..], options, &[path.to_str().expect("UTF-8")]].concat());
}

#[test]
fn a_mark_on_a_still_lies_on_its_pixel_and_shows_the_picture_of_its_time() {
    three_colours("three.png", &["-f", "apng", "-plays", "0", "-final_delay", "1/10"]);
    let clip = grey_clip("still.mp4", "320x180");
    let text = "
        template watermark m { image: \"three.png\", origin: bottom_right, x: 10px, y: 6px, width: 40px, height: 20px }
        template snapshot s { format: png }
        template sample q { every: 50% format: png }
        procedure p() { snapshot at 0s, 0.5s using s with m  sample using q with m  cover at 0.94s using s with m }";
    let out = made("still", text, &clip);
    // As in a film, the time of the picture counts, not the one asked for: at 0.5 s that is picture 12 of 0.48 s, over
    // which the fifth one of the mark lies, which is red; at 0.94 s it is that of 0.92 s, and the mark is white again.
    for (file, green) in [
        ("snapshotByTimeOffset/snapshotByTimeOffset_s_0.png", 255),
        ("snapshotByTimeOffset/snapshotByTimeOffset_s_1.png", 0),
        ("sampleSnapshot/sampleSnapshot_q_1.png", 0),
        ("coverBySnapshot/coverBySnapshot_s_0.png", 255),
    ] {
        let picture = Picture::read(&out.join(file), 320);
        // From column 270 to 309 and from row 154 to 173.
        for (place, bright) in [
            ((272, 156), green),
            ((307, 171), green),
            ((267, 160), 128),
            ((312, 160), 128),
            ((290, 151), 128),
            ((290, 176), 128),
        ] {
            assert!(picture.is(place, bright), "{file} {place:?}: {}", picture.green(place.0, place.1));
        }
    }
}

#[test]
fn an_animated_png_plays_like_a_gif() {
    three_colours("moving.png", &["-f", "apng", "-plays", "0", "-final_delay", "1/10"]);
    let clip = grey_clip("under.mp4", "320x180");
    let text = "
        template watermark m { image: \"moving.png\", width: 64px, height: 64px }
        template transcode t { container: mp4 video: { codec: h264, crf: 1 } }
        procedure p() { transcode t with m }";
    let out = made("moving", text, &clip);
    let film = out.join("v.t.mp4");
    let words = ["-i", film.to_str().expect("UTF-8"), "-vf", "format=rgb24,crop=2:2:30:30", "-f", "rawvideo", "-"];
    let seen = |pixel: &[u8]| match (pixel[0] > 128, pixel[2] > 128) {
        (true, true) => 'w',
        (true, false) => 'r',
        (false, true) => 'b',
        _ => '?',
    };
    let found: String = stage::ffmpeg(&words).chunks_exact(12).map(seen).collect();
    let wanted: String = (0..25).map(|picture| ['w', 'r', 'b'][picture * 10 / 25 % 3]).collect();
    assert_eq!(found, wanted);
}

/// How often the sign of a channel changes in a second from 0.2 s on.
fn pitch(media: &Path, channel: usize, channels: usize) -> usize {
    let words = ["-i", media.to_str().expect("UTF-8"), "-map", "0:a", "-f", "s16le", "-ar", "48000", "-"];
    let bytes = stage::ffmpeg(&words);
    let samples: Vec<bool> = bytes
        .chunks_exact(2 * channels)
        .map(|frame| i16::from_le_bytes([frame[2 * channel], frame[2 * channel + 1]]) > 0)
        .skip(9600)
        .take(48000)
        .collect();
    samples.windows(2).filter(|pair| pair[0] != pair[1]).count() / 2
}

#[test]
fn each_channel_keeps_its_own_tone() {
    let clip = stage::folder().join("stereo.mkv");
    let tones =
        "aevalsrc=exprs='0.5*sin(2*PI*440*t)|0.5*sin(2*PI*990*t)':sample_rate=48000:duration=2:channel_layout=stereo";
    let words = ["-f", "lavfi", "-i", tones, "-c:a", "flac", clip.to_str().expect("UTF-8")];
    stage::ffmpeg(&words);
    let text = "
        template transcode a { container: m4a video: none audio: { codec: aac, bitrate: 128kbps, channels: 2 } }
        template transcode m { container: mp3 video: none audio: { codec: mp3, bitrate: 128kbps, channels: 2 } }
        template transcode f { container: flac video: none audio: { codec: flac, channels: 2 } }
        template transcode w { container: wav video: none audio: { codec: pcm16, channels: 2 } }
        template transcode h { container: hls video: none audio: { codec: aac, channels: 2 } }
        procedure p() { transcode a, m, f, w, h }";
    let out = made("stereo", text, &clip);
    for file in ["v.a.m4a", "v.m.mp3", "v.f.flac", "v.w.wav", "v.h/v.h.m3u8"] {
        let found = [0, 1].map(|channel| pitch(&out.join(file), channel, 2));
        assert!(found[0].abs_diff(440) <= 2 && found[1].abs_diff(990) <= 2, "{file}: {found:?}");
    }
}

/// Red, green and blue of the middle of the first picture, read as its tags say.
fn middle(media: &Path) -> Vec<u8> {
    let filter = "scale=in_color_matrix=auto,format=rgb24,crop=1:1:iw/2:ih/2";
    let path = media.to_str().expect("UTF-8");
    stage::ffmpeg(&["-i", path, "-frames:v", "1", "-vf", filter, "-f", "rawvideo", "-"])
}

fn near(one: &[u8], other: &[u8], most: u8) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.abs_diff(*other) <= most)
}

#[test]
fn a_small_rendition_of_an_untagged_large_film_keeps_its_colours() {
    // A film of 720 lines means BT.709 when it does not say; players take 180 lines for BT.601, unless they say.
    let clip = stage::folder().join("untagged.mp4");
    let source = "color=c=0x20A040:s=1280x720:r=25:d=0.2,format=gbrp,scale=out_color_matrix=bt709:out_range=tv,\
        format=yuv420p,setparams=colorspace=unknown:color_primaries=unknown:color_trc=unknown";
    let target = clip.to_str().expect("UTF-8");
    stage::ffmpeg(&["-f", "lavfi", "-i", source, "-c:v", "libx264", "-crf", "5", target]);
    let text = "
        template transcode t { container: mp4 video: { codec: h264 short_side: 180 crf: 5 } }
        template transcode h { container: hls video: { codec: h264 short_side: 180 crf: 5 } }
        template transcode x { container: mp4 video: { codec: h265 short_side: 180 crf: 5 } }
        procedure p() { transcode t, h, x }";
    let out = made("untagged", text, &clip);
    for file in ["v.t.mp4", "v.h/v.h.m3u8", "v.x.mp4"] {
        let found = middle(&out.join(file));
        assert!(near(&found, &[0x20, 0xA0, 0x40], 4), "{file}: {found:?}");
    }
}

#[test]
fn cells_and_films_of_a_high_dynamic_range_are_mapped_like_snapshots() {
    let clip = stage::folder().join("high.mp4");
    let graph = "color=c=0x508030:s=320x180:r=25:d=0.4,scale=out_color_matrix=bt709,format=yuv420p,\
        zscale=transferin=709:primariesin=709:matrixin=709:rangein=limited:primaries=2020:transfer=smpte2084:\
        matrix=2020_ncl:range=limited:npl=100,format=yuv420p10le";
    let tags = "-color_trc smpte2084 -color_primaries bt2020 -colorspace bt2020nc -color_range tv";
    let mut words = vec!["-f", "lavfi", "-i", graph, "-c:v", "libx265", "-x265-params", "log-level=error"];
    words.extend(tags.split(' '));
    words.push(clip.to_str().expect("UTF-8"));
    stage::ffmpeg(&words);
    let text = "
        template snapshot p { format: png }
        template sprite c { every: 50% rows: 1 columns: 1 width: 320 height: 180 format: png }
        template animated g { fps: 5 }
        procedure q() { snapshot at 0s using p sprite using c animate g to 0.4s }";
    let out = made("high", text, &clip);
    let still = middle(&out.join("snapshotByTimeOffset/snapshotByTimeOffset_p_0.png"));
    for file in ["imageSprite/imageSprite_c_0.png", "v.g.gif"] {
        let found = middle(&out.join(file));
        assert!(near(&found, &still, 4), "{file}: {found:?}, not {still:?}");
    }
}
