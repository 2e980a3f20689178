import LoamKernels

/// The cells of a chunk by the plan's columns.
struct CellTable {
  let base: UnsafeMutablePointer<UInt8>
  let rows: Int
  private let cells: UnsafePointer<loam_cell>
  private let stride: Int
  private let places: [Int]
  private let markers: MissingMarkers

  init(_ chunk: RecordChunk, _ cells: UnsafePointer<loam_cell>, stride: Int, _ markers: MissingMarkers) {
    base = chunk.base
    rows = chunk.records.count
    places = chunk.source.places
    (self.cells, self.stride, self.markers) = (cells, stride, markers)
  }

  var nowhere: Record.Text { Record.Text(start: UnsafePointer(base), count: 0) }

  /// For kernels; `nil`: the file lacks the column.
  func column(_ source: Int) -> loam_column? {
    let place = places[source]
    if place < 0 { return nil }
    return loam_column(bytes: base, cells: cells + place * stride, missing: markers.list)
  }

  /// `nil`: missing.
  @inline(__always)
  func field(_ source: Int, _ row: Int) -> Record.Field? {
    let place = places[source]
    if place < 0 { return nil }
    let cell = cells[place &* stride &+ row]
    if cell.count == 0 { return nil }
    let text = Record.Text(start: UnsafePointer(base) + Int(cell.start), count: Int(cell.count))
    for marker in markers.texts where text.bytes.equals(marker) { return nil }
    return Record.Field(kind: .text, text: text)
  }
}

/// The texts that mean "missing", as kernels read them.
final class MissingMarkers {
  let texts: [[UInt8]]
  let list: loam_markers
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let counts: UnsafeMutableBufferPointer<UInt32>

  init(_ texts: [[UInt8]]) {
    self.texts = texts
    let joined = Array(texts.joined())
    bytes = .allocate(capacity: joined.count + 1)
    _ = bytes.initialize(from: joined + [0])
    counts = .allocate(capacity: texts.count + 1)
    _ = counts.initialize(from: texts.map { UInt32($0.count) } + [0])
    list = loam_markers(
      bytes: UnsafePointer(bytes.baseAddress), counts: UnsafePointer(counts.baseAddress), count: texts.count)
  }

  deinit {
    bytes.deallocate()
    counts.deallocate()
  }
}
