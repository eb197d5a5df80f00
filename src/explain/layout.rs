//! Where boxes stand in a picture: in layers from left to right, ordered so that arrows cross little.

/// What is to be placed: sizes of the boxes, and arrows from boxes with lower to boxes with higher numbers.
pub struct Boxes<'a> {
    /// Width and height of each.
    pub sizes: &'a [(i64, i64)],
    /// Which is read by which.
    pub arrows: &'a [(usize, usize)],
}

/// Where everything is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Upper left corner of each box.
    pub corners: Vec<(i64, i64)>,
    /// For each arrow the strips of layers that it passes: left and right end, and height.
    pub ways: Vec<Vec<(i64, i64, i64)>>,
    /// The whole.
    pub width: i64,
    /// The whole.
    pub height: i64,
}

/// Between boxes of a layer.
const GAP: i64 = 14;
/// Between layers; arrows turn there.
const AISLE: i64 = 56;
/// Around everything.
const MARGIN: i64 = 16;
/// Height of the lane that an arrow has in a layer that it passes.
const LANE: i64 = 4;
/// More sweeps change nothing for plans of this shape.
const SWEEPS: usize = 8;

/// Places boxes. The same boxes always stand in the same places.
pub fn layout(boxes: &Boxes) -> Layout {
    let (sizes, arrows, layer_of, lanes) = with_lanes(boxes);
    let wide = Boxes { sizes: &sizes, arrows: &arrows };
    let count = layer_of.iter().max().map_or(0, |last| last + 1);
    let mut layers: Vec<Vec<usize>> = vec![Vec::new(); count];
    layer_of.iter().enumerate().for_each(|(at, layer)| layers[*layer].push(at));
    let mut centres = vec![0; sizes.len()];
    layers.iter().for_each(|layer| stack(layer, &wide, &mut centres));
    for sweep in 0..SWEEPS {
        let forward = sweep % 2 == 1;
        let order: Vec<usize> = if forward { (0..count).collect() } else { (0..count).rev().collect() };
        for layer in order {
            let wanted: Vec<i64> = layers[layer].iter().map(|at| wish(*at, &wide, &centres, forward)).collect();
            let mut members: Vec<(i64, usize)> = wanted.into_iter().zip(layers[layer].iter().copied()).collect();
            members.sort();
            spread(&members, &wide, &mut centres);
            layers[layer] = members.into_iter().map(|(_, at)| at).collect();
        }
    }
    finish(boxes, &wide, &layers, &centres, &lanes)
}

/// Sizes, arrows, layers, and for each arrow as given its lanes.
type Lanes = (Vec<(i64, i64)>, Vec<(usize, usize)>, Vec<usize>, Vec<Vec<usize>>);

/// An arrow that passes layers has a lane in each of them, which is placed like a box.
fn with_lanes(boxes: &Boxes) -> Lanes {
    let mut layer_of = layers(boxes);
    let (mut sizes, mut arrows, mut lanes) = (boxes.sizes.to_vec(), Vec::new(), Vec::new());
    for (from, to) in boxes.arrows {
        let (mut at, mut own) = (*from, Vec::new());
        for layer in layer_of[*from] + 1..layer_of[*to] {
            let lane = sizes.len();
            sizes.push((0, LANE));
            layer_of.push(layer);
            arrows.push((at, lane));
            own.push(lane);
            at = lane;
        }
        arrows.push((at, *to));
        lanes.push(own);
    }
    (sizes, arrows, layer_of, lanes)
}

/// As far right as what reads a box allows, so that what is alike stands together; what is read by nothing stands last.
fn layers(boxes: &Boxes) -> Vec<usize> {
    let mut behind = vec![0; boxes.sizes.len()];
    // Boxes come after what they read, so one pass from the last to the first is enough.
    let mut arrows = boxes.arrows.to_vec();
    arrows.sort_by_key(|(from, to)| std::cmp::Reverse((*from, *to)));
    for (from, to) in arrows {
        behind[from] = behind[from].max(behind[to] + 1);
    }
    let most = behind.iter().max().copied().unwrap_or(0);
    behind.into_iter().map(|steps| most - steps).collect()
}

fn stack(layer: &[usize], boxes: &Boxes, centres: &mut [i64]) {
    let mut top = 0;
    for at in layer {
        let height = boxes.sizes[*at].1;
        centres[*at] = top + height / 2;
        top += height + GAP;
    }
}

/// The middle of what a box reads from or is read by; where it stands, if that is nothing.
fn wish(at: usize, boxes: &Boxes, centres: &[i64], forward: bool) -> i64 {
    let others = boxes.arrows.iter().filter_map(|(from, to)| match forward {
        true => (*to == at).then_some(*from),
        false => (*from == at).then_some(*to),
    });
    let others: Vec<i64> = others.map(|other| centres[other]).collect();
    if others.is_empty() { centres[at] } else { others.iter().sum::<i64>() / others.len() as i64 }
}

/// Puts boxes near where they want to be, none over another: pushed down, then the whole layer back by half of it.
fn spread(members: &[(i64, usize)], boxes: &Boxes, centres: &mut [i64]) {
    let (mut bottom, mut pushed) = (i64::MIN / 2, 0);
    for (wanted, at) in members {
        let height = boxes.sizes[*at].1;
        let top = (wanted - height / 2).max(bottom + GAP);
        centres[*at] = top + height / 2;
        pushed += centres[*at] - wanted;
        bottom = top + height;
    }
    let back = pushed / members.len().max(1) as i64;
    members.iter().for_each(|(_, at)| centres[*at] -= back);
}

fn finish(boxes: &Boxes, wide: &Boxes, layers: &[Vec<usize>], centres: &[i64], lanes: &[Vec<usize>]) -> Layout {
    let top = |at: usize| centres[at] - wide.sizes[at].1 / 2;
    let highest = (0..centres.len()).map(top).min().unwrap_or(0);
    let mut corners = vec![(0, 0); centres.len()];
    let mut strips = vec![(0, 0); centres.len()];
    let (mut left, mut height) = (MARGIN, 0);
    for layer in layers {
        let widest = layer.iter().map(|at| wide.sizes[*at].0).max().unwrap_or(0);
        for at in layer {
            corners[*at] = (left, top(*at) - highest + MARGIN);
            strips[*at] = (left, left + widest);
            height = height.max(corners[*at].1 + wide.sizes[*at].1);
        }
        left += widest + AISLE;
    }
    let way = |lanes: &Vec<usize>| {
        lanes.iter().map(|lane| (strips[*lane].0, strips[*lane].1, corners[*lane].1 + LANE / 2)).collect()
    };
    let ways = lanes.iter().map(way).collect();
    corners.truncate(boxes.sizes.len());
    let width = if layers.is_empty() { 2 * MARGIN } else { left - AISLE + MARGIN };
    Layout { corners, ways, width, height: height + MARGIN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_of_a_layer_do_not_touch_and_arrows_go_right() {
        let sizes = vec![(80, 30); 9];
        let arrows = [(0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (3, 6), (4, 7), (5, 8), (1, 8)];
        let placed = layout(&Boxes { sizes: &sizes, arrows: &arrows });
        for (from, to) in arrows {
            assert!(placed.corners[from].0 + 80 < placed.corners[to].0, "{from} → {to}");
        }
        for (at, one) in placed.corners.iter().enumerate() {
            assert!(one.0 >= MARGIN && one.1 >= MARGIN && one.1 + 30 + MARGIN <= placed.height);
            let apart = |other: &(i64, i64)| other.0 != one.0 || (other.1 - one.1).abs() >= 30 + GAP;
            assert!(placed.corners.iter().enumerate().all(|(other, corner)| other == at || apart(corner)), "{at}");
        }
        let alike = [6, 7, 8].map(|at| placed.corners[at].0);
        assert!(alike.iter().all(|left| *left == alike[0]));
        // The last arrow passes one layer.
        assert_eq!(placed.ways.iter().map(Vec::len).collect::<Vec<_>>(), [0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(layout(&Boxes { sizes: &[], arrows: &[] }).width, 2 * MARGIN);
    }
}
