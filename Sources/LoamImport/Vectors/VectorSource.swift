/// Vectors of one file in its order, each with its ID.
protocol VectorSource: AnyObject {
  var format: ImportFormat { get }
  var type: ElementType { get }
  var dimension: Int { get }
  /// `nil` where only the end tells.
  var rowCount: Int? { get }
  /// What `VectorBatch.places` count: `line` or `row`.
  var placeName: String { get }
  var feed: (any ByteFeed)? { get }
  /// Fills the batch with the rows that come next; none at the end, at which the file was checked to its last byte.
  func next(_ batch: VectorBatch) throws(ImportError)
}

/// What a file of vectors may be.
public enum ImportFormat: String, Sendable, CaseIterable, Encodable {
  case safetensors, npy, npz
  /// `rows dimension`, then words and little-endian f32.
  case word2vec
  /// The same as text.
  case word2vecText = "word2vec-text"
  /// A word and its numbers a line.
  case glove
  case csv, tsv

  /// By the name of the file, `.gz` and `.zst` apart; `nil` where that says nothing.
  init?(fileName: String) {
    var name = fileName.lowercased()
    for suffix in [".gz", ".zst"] where name.hasSuffix(suffix) { name.removeLast(suffix.count) }
    guard let dot = name.lastIndex(of: ".") else { return nil }
    switch name[name.index(after: dot)...] {
    case "safetensors": self = .safetensors
    case "npy": self = .npy
    case "npz": self = .npz
    case "bin": self = .word2vec
    case "vec": self = .word2vecText
    case "csv": self = .csv
    case "tsv": self = .tsv
    default: return nil
    }
  }
}
