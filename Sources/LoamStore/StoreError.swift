import LoamSchema

/// What a store refuses or fails at. Cut by what the caller does next; `context` names table, shard, key or path.
public struct StoreError: LoamError, Equatable {
  public enum Reason: String, Sendable, CaseIterable {
    case exists, missing, notAStore = "not-a-store", newerFormat = "newer-format", olderFormat = "older-format"
    case foreignPageSize = "foreign-page-size"
    case unsafeFileSystem = "unsafe-file-system", openTwice = "open-twice", readOnly = "read-only"
    case unknownColumn = "unknown-column", unknownVersion = "unknown-version"
    case unknownName = "unknown-name", badName = "bad-name", mismatch
    case hashCollision = "hash-collision", tooLarge = "too-large", notAllowed = "not-allowed"
    case tableBusy = "table-busy", storeBusy = "store-busy", readersFull = "readers-full"
    case versionDropped = "version-dropped", snapshotExpired = "snapshot-expired", leaseLost = "lease-lost"
    case mapFull = "map-full", diskFull = "disk-full"
    case badChecksum = "bad-checksum", badBlock = "bad-block", badCatalog = "bad-catalog", oldCopy = "old-copy"
    case rootDiffers = "root-differs"
    case unknownOutcome = "unknown-outcome", io

    public var category: ErrorCategory {
      switch self {
      case .tableBusy, .storeBusy, .readersFull, .versionDropped, .snapshotExpired, .leaseLost: .busy
      case .mapFull, .diskFull: .noSpace
      case .badChecksum, .badBlock, .badCatalog, .oldCopy, .rootDiffers: .damaged
      case .unknownOutcome, .io: .failed
      default: .refused
      }
    }
  }
  public var reason: Reason
  public var message: String
  public var hint: String?

  public init(_ reason: Reason, _ message: String, hint: String? = nil) {
    self.reason = reason
    self.message = message
    self.hint = hint
  }

  public var code: String { "store.\(reason.rawValue)" }
  public var category: ErrorCategory { reason.category }
}
