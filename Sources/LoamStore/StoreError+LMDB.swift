import LMDB

extension StoreError {
  static let restore = "Restore the store from a backup."

  /// What an LMDB code asks of a store's caller.
  init(_ error: LMDBError) {
    let reason: Reason =
      switch error.code {
      case .diskFull: .diskFull
      case .mapFull, .transactionFull: .mapFull
      case .readersFull: .readersFull
      case .openTwice: .openTwice
      case .unsafeFileSystem: .unsafeFileSystem
      case .corrupted, .damaged, .pageNotFound, .notAnEnvironment, .versionMismatch, .truncated, .empty: .badCatalog
      case .mapResized: .storeBusy
      default: .io
      }
    let hint: String? =
      switch error.code {
      case .mapFull:
        "Close every process that uses the store and open it again: opening for writing enlarges full maps."
      case .diskFull: "Free space on the store's disk and repeat: nothing that was acknowledged is lost."
      case .openTwice: "A process opens a store once and shares it."
      case .unsafeFileSystem: "Keep the store on a local disk; copy it elsewhere as an export."
      default: reason == .badCatalog ? Self.restore : nil
      }
    self.init(reason, "\(error)", hint: hint)
  }
}

/// Runs calls of LMDB and gives their errors the store's words.
func lmdb<R>(_ body: () throws(LMDBError) -> R) throws(StoreError) -> R {
  do throws(LMDBError) { return try body() } catch { throw StoreError(error) }
}
