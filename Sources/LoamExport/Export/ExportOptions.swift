public struct ExportOptions: Sendable {
  /// The tag or alias under which the version was asked for; goes into manifest and card.
  public var name: String?
  public var formats: Set<ExportFormat>
  /// Of the vectors in safetensors files.
  public var rows: RowForm
  /// Of a safetensors file of a table; larger ones are cut between rows.
  public var shardBytesMax = 4 << 30
  /// Forms of the graph; `nil`: both, the self-contained one where the model reads no sequences.
  public var graphs: Set<ExportManifest.Graph.Form>?
  /// How many rows of the validation log go along with their scores; 0: none.
  public var goldenRequests: Int
  /// Store NaN and infinities as they are, counted in the manifest, instead of refusing them.
  public var allowsNonfinite: Bool
  /// An SPDX identifier for the model card.
  public var license: String?
  /// How many threads read and encode rows, beside one that writes; 0: one a core. The files are the same.
  public var threads: Int
  /// Tables of more bytes lie in a file of their own beside the graph.
  var graphBytesMax = 512 << 20

  public init(
    name: String? = nil, formats: Set<ExportFormat> = [.safetensors], rows: RowForm = .f32,
    graphs: Set<ExportManifest.Graph.Form>? = nil, goldenRequests: Int = 100, allowsNonfinite: Bool = false,
    license: String? = nil, threads: Int = 0
  ) {
    self.name = name
    self.formats = formats
    self.rows = rows
    self.graphs = graphs
    self.goldenRequests = goldenRequests
    self.allowsNonfinite = allowsNonfinite
    self.license = license
    self.threads = threads
  }

  /// The one form of vectors that tables, graphs and golden requests of an export share.
  var storedRows: RowForm { formats.contains(.safetensors) ? rows : .f32 }
}
