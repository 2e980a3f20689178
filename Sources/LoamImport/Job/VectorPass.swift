import LoamKernels
import LoamSchema
import LoamStore

/// One reading of a file: its rows in batches, made what the table stores, those that are left out apart.
struct VectorPass {
  private let source: any VectorSource
  private let options: ImportOptions
  private let path: String
  private let encoder: RowEncoder
  let batch: VectorBatch
  /// `[batch.capacity, stride]`, as the table stores them.
  private var encoded: [UInt8]
  /// Which rows of the batch are stored.
  private(set) var kept: [Int] = []
  private(set) var read = 0
  private(set) var skipped = 0
  private(set) var nonfinite = 0
  private(set) var digest: UInt64 = 0

  init(_ source: any VectorSource, to type: DataType, _ options: ImportOptions, _ path: String) {
    (self.source, self.options, self.path) = (source, options, path)
    encoder = RowEncoder(from: source.type, to: type, width: source.dimension)
    batch = VectorBatch(stride: source.dimension * source.type.size)
    encoded = [UInt8](repeating: 0, count: batch.capacity * encoder.stride)
  }

  var stride: Int { encoder.stride }

  /// Runs `body` with the stored form of a row of the batch.
  func withRow<R>(_ row: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    encoded.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[row * stride..<(row + 1) * stride])) }
  }

  /// False at the end of the file.
  mutating func next() throws(ImportError) -> Bool {
    try source.next(batch)
    guard batch.count > 0 else { return false }
    kept.removeAll(keepingCapacity: true)
    for row in 0..<batch.count {
      let (batch, encoder, stride) = (batch, encoder, stride)
      let wrong = encoded.withUnsafeMutableBytes { out in
        encoder.encode(batch.row(row), scale: batch.scale(row), into: out.baseAddress! + row * stride)
      }
      guard let wrong else {
        kept.append(row)
        continue
      }
      switch options.nonfinite {
      case .refuse: throw refusal(row, element: wrong)
      case .skip: skipped += 1
      case .keep:
        guard encoder.to != .i8 else { throw refusal(row, element: wrong) }
        nonfinite += (0..<encoder.width).count {
          !encoder.value(batch.row(row), batch.scale(row), element: $0).isFinite
        }
        kept.append(row)
      }
    }
    for row in kept {
      let bytes = withRow(row) { loam_hash_bytes($0.baseAddress, $0.count) }
      digest = loam_mix64(digest ^ batch.ids[row]) &+ bytes
    }
    read += batch.count
    return true
  }

  private func refusal(_ row: Int, element: Int) -> ImportError {
    let value = encoder.value(batch.row(row), batch.scale(row), element: element)
    return ImportError(
      .nonfinite,
      "\(path): \(source.placeName) \(batch.places[row]), ID \(batch.text(row)): element \(element) is \(value)"
        + (value.isFinite ? ", which \(encoder.to) cannot hold" : ""),
      hint: value.isFinite
        ? "Import as f32: --type f32." : "--nonfinite skip leaves such rows out; keep stores them as they are.")
  }

  func progress(_ phase: ImportProgress.Phase) -> ImportProgress {
    var total = source.rowCount
    if total == nil, let feed = source.feed, feed.fileBytesRead > 0 {
      total = Int(Double(read) * Double(feed.fileBytesTotal) / Double(feed.fileBytesRead))
    }
    return ImportProgress(phase: phase, rows: read, rowsTotal: total)
  }
}
