import LoamTensor

/// The sequences of a batch with runs of equal ones once: candidates of one user, row after row, share their history.
///
/// ```
///   rows        a a a a b b c        encoded   a b c        rows of it   0 0 0 0 1 1 2
/// ```
/// For scoring alone: while training every row has dropout of its own.
struct DistinctSequences {
  var vectors: Variable
  var mask: Tensor
  private let places: Tensor

  /// Nil where nothing would be saved, or where `codes` do not say which events are equal.
  init?(_ tape: Tape, _ sequence: SequenceInput) {
    guard let codes = sequence.codes else { return nil }
    let (batch, length) = (sequence.mask.shape[0], sequence.mask.shape[1])
    var firsts: [Int32] = []
    let places = tape.arena.tensor(Shape(batch))
    for row in 0..<batch {
      if row == 0 || !Self.isEqual(row - 1, row, codes, sequence.mask, length) { firsts.append(Int32(row)) }
      places.pointer[row] = Float(firsts.count - 1)
    }
    guard firsts.count < batch else { return nil }
    self.places = places
    mask = tape.arena.tensor(Shape(firsts.count, length))
    for (place, row) in firsts.enumerated() {
      (mask.pointer + place * length).update(from: sequence.mask.pointer + Int(row) * length, count: length)
    }
    let (width, all) = (sequence.vectors.shape[2], sequence.vectors)
    let chosen = tape.take(tape.reshape(all, Shape(1, batch, length * width)), firsts)
    vectors = tape.reshape(chosen, Shape(firsts.count, length, width))
  }

  /// `[distinct, columns]` to `[batch, columns]`.
  func spread(_ tape: Tape, _ rows: Variable) -> Variable { tape.pickRows(rows, places) }

  private static func isEqual(_ a: Int, _ b: Int, _ codes: Tensor, _ mask: Tensor, _ length: Int) -> Bool {
    for step in 0..<length {
      let (left, right) = (a * length + step, b * length + step)
      guard mask.pointer[left] == mask.pointer[right] else { return false }
      guard mask.pointer[left] == 0 || codes.pointer[left] == codes.pointer[right] else { return false }
    }
    return true
  }
}
