import CLMDB
import Glibc

/// A failed call of liblmdb: its code as a case, the call, and the path of the environment.
///
/// A missing key is not an error: it is `nil`.
public struct LMDBError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Equatable, Sendable {
    case keyExists, pageNotFound, corrupted, panic, versionMismatch, notAnEnvironment, mapFull, databasesFull
    case readersFull, tlsFull, transactionFull, cursorFull, pageFull, mapResized, incompatible, badReaderSlot
    case badTransaction, badValueSize, badDatabase
    /// The disk is full. liblmdb reports a short write as EIO; the wrapper asks the file system which it was.
    case diskFull
    /// The environment is open in this process already, under this or another path.
    case openTwice
    /// LMDB's locks and maps need one kernel's page cache: network file systems are refused.
    case unsafeFileSystem
    /// The data file is shorter than its own header says: reading on would end in SIGBUS.
    case truncated
    /// Pages of the data file are not what liblmdb wrote there: what, in words.
    case damaged(String)
    /// There is no data file, or one without a byte, where an environment must be.
    case empty
    case system(errno: Int32)
  }
  public var code: Code
  public var call: String
  public var path: String

  public init(_ code: Code, call: String, path: String) {
    self.code = code
    self.call = call
    self.path = path
  }

  public var description: String { "\(call) on \(path): \(meaning)" }

  private var meaning: String {
    switch code {
    case .mapFull: "the map is full"
    case .diskFull: "the disk is full"
    case .readersFull: "all reader slots are taken"
    case .mapResized: "another process has grown the map"
    case .panic: "an earlier write to the file failed; close, reopen and verify"
    case .corrupted, .pageNotFound: "the file's pages are damaged"
    case .notAnEnvironment: "this is not an LMDB file"
    case .versionMismatch: "the file was written by another, incompatible version of LMDB"
    case .openTwice: "already open in this process"
    case .unsafeFileSystem: "the file system is not a local one; LMDB's locks and maps do not work there"
    case .damaged(let what): "the file's pages are damaged: \(what)"
    case .truncated: "the file is shorter than its header says"
    case .empty: "the data file is missing or empty"
    case .system(let number): String(cString: strerror(number))
    default: "\(code)"
    }
  }

  /// The case for a return code of liblmdb.
  static func code(for status: Int32) -> Code {
    switch status {
    case MDB_KEYEXIST: .keyExists
    case MDB_PAGE_NOTFOUND: .pageNotFound
    case MDB_CORRUPTED: .corrupted
    case MDB_PANIC: .panic
    case MDB_VERSION_MISMATCH: .versionMismatch
    case MDB_INVALID: .notAnEnvironment
    case MDB_MAP_FULL: .mapFull
    case MDB_DBS_FULL: .databasesFull
    case MDB_READERS_FULL: .readersFull
    case MDB_TLS_FULL: .tlsFull
    case MDB_TXN_FULL: .transactionFull
    case MDB_CURSOR_FULL: .cursorFull
    case MDB_PAGE_FULL: .pageFull
    case MDB_MAP_RESIZED: .mapResized
    case MDB_INCOMPATIBLE: .incompatible
    case MDB_BAD_RSLOT: .badReaderSlot
    case MDB_BAD_TXN: .badTransaction
    case MDB_BAD_VALSIZE: .badValueSize
    case MDB_BAD_DBI: .badDatabase
    case ENOSPC, EDQUOT: .diskFull
    default: .system(errno: status)
    }
  }
}
