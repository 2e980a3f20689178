import LoamKernels

/// Which vector of its field each row of a batch has: the same IDs come again and again, so vectors are listed once.
///
/// ```
/// codes of field 0:  7 7 2 7      vectors  0: code 7   1: code 2          rows of vector 0: 0, 1, 3
/// codes of field 1:  4 9 9 9               2: code 4   3: code 9          rows of vector 3: 1, 2, 3
/// ```
/// Its memory is kept from batch to batch. One thread fills it, any may read it then; a tape does until its next step.
package final class FieldPicks {
  package private(set) var rows = 0
  package private(set) var fields = 0
  /// Vectors of all fields together.
  package var count: Int { Int(starts[filled]) }
  private var filled = 0
  private var codesBelow = 0
  private var marks = Numbers(), starts = Numbers(), codesOf = Numbers()
  private var places = Numbers(), firsts = Numbers(), picks = Numbers()

  package init() { begin(rows: 0, fields: 0, codesBelow: 0) }

  /// Forgets the last batch.
  ///
  /// - Parameter codesBelow: all codes of all fields are.
  package func begin(rows: Int, fields: Int, codesBelow: Int) {
    (self.rows, self.fields, self.codesBelow, filled) = (rows, fields, codesBelow, 0)
    marks.reserve(codesBelow)
    marks.base.update(repeating: 0, count: codesBelow)
    starts.reserve(fields + 1)
    starts[0] = 0
    codesOf.reserve(rows * fields)
    places.reserve(rows * fields)
  }

  /// Adds the next field: a code a row.
  package func append(_ codes: UnsafePointer<UInt32>) {
    precondition(filled < fields, "a field more than the \(fields) that were announced")
    assert((0..<rows).allSatisfy { codes[$0] < codesBelow }, "a code that is not below \(codesBelow)")
    starts[filled + 1] = loam_picked_number(
      places.base + filled, fields, codesOf.base, marks.base, codes, rows, starts[filled])
    filled += 1
    guard filled == fields else { return }
    firsts.reserve(count + 1)
    picks.reserve(rows * fields)
    loam_picked_order(firsts.base, picks.base, places.base, rows, fields, count)
  }

  /// The vectors of a field among all.
  package func vectors(of field: Int) -> Range<Int> { Int(starts[field])..<Int(starts[field + 1]) }

  /// The codes of a field's vectors.
  package func codes(of field: Int) -> UnsafeBufferPointer<UInt32> {
    let vectors = vectors(of: field)
    return UnsafeBufferPointer(start: codesOf.base + vectors.lowerBound, count: vectors.count)
  }

  /// `[rows, fields · width]` of vectors `[count, width]`.
  func matrix(_ vectors: Tensor) -> loam_picked {
    precondition(filled == fields && vectors.shape.rows == count, "picks of \(count) vectors from \(vectors.shape)")
    return loam_picked(
      distinct: vectors.pointer, starts: starts.base, places: places.base, firsts: firsts.base, picks: picks.base,
      tail: nil, rows: rows, fields: fields, width: vectors.shape.columns, tail_width: 0, tail_row: 0)
  }
}

/// Memory that grows and is kept.
private struct Numbers: ~Copyable {
  private(set) var base = UnsafeMutablePointer<UInt32>.allocate(capacity: 0)
  private var capacity = 0

  deinit { base.deallocate() }

  mutating func reserve(_ count: Int) {
    guard count > capacity else { return }
    base.deallocate()
    capacity = count * 5 / 4
    base = .allocate(capacity: capacity)
  }

  subscript(_ index: Int) -> UInt32 {
    get { base[index] }
    nonmutating set { base[index] = newValue }
  }
}
