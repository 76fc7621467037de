//! A small picture: the zones of the network as boxes.

/// Width and height in pixels.
const SIZE: (u32, u32) = (240, 120);
/// Left, top, right, bottom and gray of each box; later ones lie above.
const BOXES: [(u32, u32, u32, u32, u8); 9] = [
    (8, 20, 72, 100, 0),
    (10, 22, 70, 98, 230),
    (88, 20, 152, 100, 0),
    (90, 22, 150, 98, 200),
    (168, 20, 232, 100, 0),
    (170, 22, 230, 98, 170),
    (72, 58, 88, 62, 0),
    (152, 58, 168, 62, 0),
    (100, 40, 140, 80, 120),
];

/// The picture as PNG.
pub(super) fn network() -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..SIZE.1 {
        for x in 0..SIZE.0 {
            let shade = BOXES
                .iter()
                .rev()
                .find(|(left, top, right, bottom, _)| (*left..*right).contains(&x) && (*top..*bottom).contains(&y));
            pixels.push(shade.map_or(255, |(.., gray)| *gray));
        }
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, SIZE.0, SIZE.1);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&pixels)?;
        writer.finish()
    });
    debug_assert!(written.is_ok(), "memory takes all bytes");
    file
}
