import LoamKernels

extension LookupRequest {
  /// What a request is cut by: keys, or bags where they are pooled.
  var unitCount: Int {
    if case .pooled(_, let bags, _) = output { bags.count } else { keyCount }
  }

  /// The units of a piece that begins at one: those of at most `keysMax` keys, at least one.
  func piece(from unit: Int, keysMax: Int) -> Range<Int> {
    if case .pooled(_, let bags, _) = output { return bags.piece(from: unit, idsMax: keysMax) }
    return unit..<min(unit + keysMax, keyCount)
  }

  func run(threads: Int) throws(StoreError) {
    if threads == 1 { return try run(0..<unitCount) }
    try reader.snapshot.lookup([self], threads: threads)
  }

  /// Looks up some of the units, and writes nothing of the others.
  func run(_ units: Range<Int>) throws(StoreError) {
    guard let output else { return }
    begin(units)
    let keys = keys(of: units)
    let first = keys.lowerBound
    switch self.keys {
    case .ids(let ids):
      let part = UnsafeBufferPointer(rebasing: ids[keys])
      try reader.forEachGroup(of: part, column: column, absent: absent) { place, count, rows in
        emit(output, first + place, count, rows)
      }
    case .rows(let references):
      let part = UnsafeBufferPointer(rebasing: references[keys])
      try reader.forEachGroup(ofRows: part, column: column, absent: absent) { place, count, rows in
        emit(output, first + place, count, rows)
      }
    }
    end(units)
  }

  private func keys(of units: Range<Int>) -> Range<Int> {
    if case .pooled(_, let bags, _) = output { bags.ids(of: units) } else { units }
  }

  func begin(_ units: Range<Int>) {
    if case .pooled(_, let bags, let out) = output { bags.begin(units, width: width, out) }
  }

  func end(_ units: Range<Int>) {
    if case .pooled(_, let bags, let out) = output { bags.end(units, width: width, out) }
  }

  /// Writes the rows of `count` keys from `position` on.
  @inline(__always)
  func emit(_ output: Output, _ position: Int, _ count: Int, _ rows: UnsafePointer<UnsafeRawPointer?>) {
    switch output {
    case .stored(let out): loam_lookup_copy(rows, count, stride, out + position * stride)
    case .real(let type, let out): loam_lookup_convert(type, rows, count, width, out + position * width)
    case .pooled(let type, let bags, let out): bags.add(type, rows, at: position, count: count, width: width, out)
    }
  }
}
