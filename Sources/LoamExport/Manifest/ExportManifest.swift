import Foundation
import LoamQuery
import LoamSchema

/// `manifest.json`: what an export holds and where it came from.
///
/// It names every other file with its length and SHA-256, so that the SHA-256 of the manifest stands for the whole.
public struct ExportManifest: Codable, Sendable, Equatable {
  public static let fileName = "manifest.json"
  public static let format = "loam.export"
  /// Grows when a reader of the older one would misread.
  public static let formatVersion = 1

  public struct File: Codable, Sendable, Equatable {
    public var name: String
    public var bytes: Int
    /// Lower-case hexadecimal.
    public var sha256: String
  }

  /// One embedding table: tensors `ids` [rows] ascending, `rows` [rows, dimension], `weight` [rows], `dictionary.*`.
  public struct Table: Codable, Sendable, Equatable {
    /// The ID space; in the store the table is `embedding:MODEL/SPACE`.
    public var space: String
    /// The first one, where there are several.
    public var file: String
    /// All files, in the order of their rows, where a table takes more than one.
    public var shards: [Shard]?
    public var rows: Int
    /// 0: the table has weights only, and no tensor `rows`.
    public var dimension: Int
    /// Of `rows`, in the words of safetensors; I8 has a scale each, `rows.scale` F16 [rows].
    public var dtype: String
    public var hasWeight: Bool
    public var hasDictionary: Bool
    /// Position of the row that stands for an absent field, and of the one for IDs without a row of their own.
    public var missingRow: Int?
    public var unknownRow: Int?
    /// Of the table in the store, all its columns together.
    public var root: String
    /// Of `rows` alone: the sum over rows of hash(`vector`, ID, row as a store keeps it). An import of the file gives the
    /// same. Absent where there are no vectors, and in exports of older versions.
    public var vectorRoot: String?
    /// Numbers that are NaN or infinite. Above 0 only where the export was told to allow them.
    public var nonfinite: Int

    enum CodingKeys: String, CodingKey {
      case space, file, shards, rows, dimension, dtype, root, nonfinite
      case hasWeight = "has_weight"
      case hasDictionary = "has_dictionary"
      case missingRow = "missing_row"
      case unknownRow = "unknown_row"
      case vectorRoot = "vector_root"
    }
  }

  /// A file of a table that takes several.
  public struct Shard: Codable, Sendable, Equatable {
    public var file: String
    public var rows: Int
  }

  /// An embedding table in another format.
  public struct Copy: Codable, Sendable, Equatable {
    public var space: String
    /// `numpy`, `arrow`, `csv` or `jsonl`.
    public var format: String
    public var files: [String]
  }

  /// How far the model's scores move by vectors in fewer bits than f32.
  public struct Drift: Codable, Sendable, Equatable {
    public struct Task: Codable, Sendable, Equatable {
      public var label: String
      /// Figures of the log, with vectors in f32 and as they are stored.
      public var f32: [String: Double]
      public var stored: [String: Double]
    }
    public var log: String
    public var rows: Int
    /// Of the difference between two scores of a row, over all rows.
    public var mean: Double
    public var largest: Double
    public var tasks: [Task]
  }

  /// A log that the model's run read, as it was when the run began.
  public struct Log: Codable, Sendable, Equatable {
    public var name: String
    public var rows: UInt64
    public var root: String
    /// Of its rows' events, ISO 8601, UTC; absent where the log has no times.
    public var firstEvent: String?
    public var lastEvent: String?

    enum CodingKeys: String, CodingKey {
      case name, rows, root
      case firstEvent = "first_event"
      case lastEvent = "last_event"
    }
  }

  public struct Tensor: Codable, Sendable, Equatable {
    public var name: String
    public var dtype: String
    public var shape: [Int]
  }

  public struct Dense: Codable, Sendable, Equatable {
    public var file: String
    public var tensors: [Tensor]
  }

  /// The model as an ONNX graph.
  public struct Graph: Codable, Sendable, Equatable {
    public enum Form: String, Codable, Sendable, CaseIterable {
      /// Inputs are vectors and weights, looked up by whoever asks: any size of table.
      case network
      /// Inputs are IDs, and the tables are in the graph: models without sequences.
      case selfContained = "self_contained"
    }
    public var form: Form
    public var file: String
    /// Holds the tables, where they are too large for `file`.
    public var data: String?
    public var opset: Int
  }

  /// Requests from the validation log with the scores that the model gave them.
  public struct Golden: Codable, Sendable, Equatable {
    public var file: String
    public var log: String
    public var rows: Int
    /// How far a replayed score may be off: so much, and for numbers beyond 1 so much of the number.
    public var tolerance: Double
  }

  public var format = Self.format
  public var formatVersion = Self.formatVersion
  public var storeID: String
  public var version: UInt64
  public var parent: UInt64?
  /// The tag or alias that was asked for.
  public var name: String?
  /// When the version was published, ISO 8601, UTC.
  public var time: String
  public var note: String
  /// Of the whole version.
  public var root: String
  public var model: String
  public var definition: ModelDefinition
  /// The effective config that trained it, YAML.
  public var config: String?
  /// The program that trained it, with its version; absent where the version does not say.
  public var code: String?
  /// The log's schema, YAML.
  public var schema: String?
  public var metrics: [String: Double]
  /// Training logs first, then those of validation; absent where the version does not say.
  public var logs: [Log]?
  public var tables: [Table]
  public var dense: Dense?
  /// The tables in other formats than safetensors.
  public var copies: [Copy]?
  /// Of tables whose `dtype` is not F32; absent where the version has no log.
  public var drift: Drift?
  public var graphs: [Graph]?
  /// Absent where the version has no log to take them from.
  public var golden: Golden?
  /// Every file but this one, by name.
  public var files: [File]

  enum CodingKeys: String, CodingKey {
    case format, version, parent, name, time, note, root, model, definition, config, code, schema, metrics, logs
    case tables, dense, copies, drift, graphs, golden, files
    case formatVersion = "format_version"
    case storeID = "store_id"
  }
}

extension ExportManifest {
  mutating func add(_ file: String, _ digest: FileDigest) {
    files.append(File(name: file, bytes: digest.bytes, sha256: digest.sha256))
  }

  /// The longest manifest that is read: a schema and a config are a few KiB.
  static let bytesMax = 64 << 20

  func encoded() -> [UInt8] { SortedJSON.bytes(of: self, isPretty: true) }

  init(decoding bytes: [UInt8], from path: String) throws(ExportError) {
    // The form first: what follows may be of a later format.
    guard (try? JSONSerialization.jsonObject(with: Data(bytes))) != nil else {
      throw ExportError(
        .damaged, "\(path) is not JSON: it is truncated or damaged", hint: "Get the export again, or export anew.")
    }
    guard let form = ManifestForm(of: bytes), form.format == Self.format else {
      throw ExportError(
        .notAnExport, "\(path) is not the manifest of an export", hint: "Give the directory that 'loam export' made.")
    }
    guard form.formatVersion <= Self.formatVersion else {
      throw ExportError(
        .newerFormat, "\(path) has format version \(form.formatVersion), this loam reads up to \(Self.formatVersion)",
        hint: "Use a newer loam.")
    }
    do {
      self = try SortedJSON.value(Self.self, of: bytes)
    } catch {
      throw ExportError(.malformed, "\(path): \(Self.describe(error))")
    }
  }

  private static func describe(_ error: any Error) -> String {
    let context: DecodingError.Context
    switch error as? DecodingError {
    case .keyNotFound(let key, let found): return "\((found.codingPath + [key]).dotted) is missing"
    case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found): context = found
    default: return "\(error)"
    }
    return "\(context.codingPath.dotted): \(context.debugDescription)"
  }
}

extension [any CodingKey] {
  fileprivate var dotted: String { map(\.stringValue).joined(separator: ".") }
}
