/// The rows of a batch as the log has them: IDs are codes of their windows, not yet rows of tables.
///
/// Everything that needs no table is done here, ahead of the step and on another thread. Single IDs stay in their windows,
/// where a batch's codes are neighbours. One thread at a time has it; its memory is used again.
public final class RawBatch {
  /// Of a field of several values; empty for one of single IDs.
  struct Field {
    var codes: [UInt32] = []
    var offsets: [UInt32] = []
    var shares: [Float] = []
    var actions: [Float] = []
    var ages: [Float] = []
  }
  /// Rows of one window.
  private struct Part {
    let window: FeatureWindow
    let rows: Range<Int>
  }
  private let definition: ModelDefinition
  private let picked = PickedRows()
  public private(set) var rowCount = 0
  var labels: [[Float]]
  var weights: [Float] = []
  var dense: [Float] = []
  var fields: [Field]
  private var parts: [Part] = []
  /// By part and field: how many codes of several values there are up to its end.
  private var codeEnds: [Int] = []

  public init(_ definition: ModelDefinition) {
    self.definition = definition
    labels = definition.labels.map { _ in [] }
    fields = definition.fields.map { _ in Field() }
  }

  /// Empties the batch, keeping its memory.
  func begin() {
    rowCount = 0
    parts.removeAll(keepingCapacity: true)
    codeEnds.removeAll(keepingCapacity: true)
    for index in labels.indices { labels[index].removeAll(keepingCapacity: true) }
    weights.removeAll(keepingCapacity: true)
    dense.removeAll(keepingCapacity: true)
    for index in fields.indices {
      fields[index].codes.removeAll(keepingCapacity: true)
      fields[index].offsets.removeAll(keepingCapacity: true)
      fields[index].shares.removeAll(keepingCapacity: true)
      fields[index].actions.removeAll(keepingCapacity: true)
      fields[index].ages.removeAll(keepingCapacity: true)
    }
  }

  /// Adds rows of a window, by their places in its order.
  func append(_ range: Range<Int>, of window: FeatureWindow) {
    let rows = window.order[range]
    for index in labels.indices { picked.append(rows, of: window.labels[index], to: &labels[index]) }
    if !window.weights.isEmpty || !weights.isEmpty {
      // Windows of logs with and without weights may meet in a batch.
      weights += repeatElement(1, count: rowCount - weights.count)
      if window.weights.isEmpty {
        weights += repeatElement(1, count: rows.count)
      } else {
        picked.append(rows, of: window.weights, to: &weights)
      }
    }
    picked.append(rows, of: window.dense, width: definition.dense.count, to: &dense)
    for index in fields.indices {
      let column = window.columns[index]
      if !column.offsets.isEmpty {
        appendSeveral(index, rows, column, window.events[index], length: definition.fields[index].length)
      }
      codeEnds.append(fields[index].codes.count)
    }
    rowCount += rows.count
    parts.append(Part(window: window, rows: range))
  }

  private func isSingle(_ field: Int) -> Bool { definition.fields[field].shape == .single }

  func codeCount(_ field: Int) -> Int { isSingle(field) ? rowCount : fields[field].codes.count }

  /// The codes of a field, window by window.
  func forEachRun(_ field: Int, _ body: (IDColumn, UnsafeBufferPointer<UInt32>) -> Void) {
    guard !isSingle(field) else {
      for part in parts {
        let column = part.window.columns[field]
        body(column, UnsafeBufferPointer(rebasing: column.codes[part.rows]))
      }
      return
    }
    fields[field].codes.withUnsafeBufferPointer { codes in
      var start = 0
      for (index, part) in parts.enumerated() {
        let end = codeEnds[index * fields.count + field]
        if end > start { body(part.window.columns[field], UnsafeBufferPointer(rebasing: codes[start..<end])) }
        start = end
      }
    }
  }

  private func appendSeveral(
    _ index: Int, _ rows: ArraySlice<UInt32>, _ column: IDColumn, _ events: EventValues, length: Int
  ) {
    if fields[index].offsets.isEmpty { fields[index].offsets.append(0) }
    for row in rows {
      let end = Int(column.offsets[Int(row) + 1])
      var range = Int(column.offsets[Int(row)])..<end
      // A sequence is read from its newest value backwards; rows of older ones are neither fetched nor counted.
      if length > 0, range.count > length { range = end - length..<end }
      var sum: Float = 0
      for position in range { sum += column.weights[position] }
      for position in range {
        fields[index].codes.append(column.codes[position])
        fields[index].shares.append(sum == 0 ? 0 : column.weights[position] / sum)
      }
      if !events.actions.isEmpty { fields[index].actions += events.actions[range] }
      if !events.ages.isEmpty { fields[index].ages += events.ages[range] }
      if range.isEmpty, length == 0 {
        fields[index].codes.append(IDColumn.missing)
        fields[index].shares.append(1)
      }
      fields[index].offsets.append(UInt32(fields[index].codes.count))
    }
  }
}

/// Elements of rows on their way from a window to a batch; memory is kept from batch to batch.
private final class PickedRows {
  private var bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 0, alignment: 16)

  deinit { bytes.deallocate() }

  /// Adds `width` neighbouring elements for each row, without a test of bounds an element: all rows are in `values`.
  func append<Element: BitwiseCopyable>(
    _ rows: ArraySlice<UInt32>, of values: [Element], width: Int = 1, to array: inout [Element]
  ) {
    let count = rows.count * width
    guard count > 0 else { return }
    if bytes.count < count * MemoryLayout<Element>.stride {
      bytes.deallocate()
      bytes = .allocate(byteCount: count * MemoryLayout<Element>.stride, alignment: 16)
    }
    let picked = UnsafeMutableBufferPointer(rebasing: bytes.assumingMemoryBound(to: Element.self)[..<count])
    let to = picked.baseAddress!
    values.withUnsafeBufferPointer { values in
      rows.withUnsafeBufferPointer { rows in
        let from = values.baseAddress!
        if width == 1 {
          for (place, row) in rows.enumerated() { to[place] = from[Int(row)] }
        } else {
          for (place, row) in rows.enumerated() {
            (to + place * width).update(from: from + Int(row) * width, count: width)
          }
        }
      }
    }
    array.append(contentsOf: picked)
  }
}
