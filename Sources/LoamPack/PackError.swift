import Foundation
import LoamKernels
import LoamSchema

/// What opening, checking or writing a pack refuses or fails at. Cut by what the caller does next.
public struct PackError: LoamError, Equatable {
  public enum Reason: String, Sendable, CaseIterable {
    case notAPack = "not-a-pack"
    case newerFormat = "newer-format"
    /// Its bytes are not those that were written.
    case damaged
    case unknownTable = "unknown-table"
    /// A signature was asked for, and there is none.
    case unsigned
    /// The signature is not of this key and this manifest.
    case badSignature = "bad-signature"
    case badKey = "bad-key"
    /// IDs that share their hash's upper half, too many for an index of this seed.
    case crowded
    case diskFull = "disk-full"
    case io

    public var category: ErrorCategory {
      switch self {
      case .damaged: .damaged
      case .diskFull: .noSpace
      case .crowded, .io: .failed
      default: .refused
      }
    }
  }
  public var code: String
  public var category: ErrorCategory
  public var message: String
  public var hint: String?

  public init(_ reason: Reason, _ message: String, hint: String? = nil) {
    code = "pack.\(reason.rawValue)"
    category = reason.category
    (self.message, self.hint) = (message, hint)
  }

  public func has(_ reason: Reason) -> Bool { code == "pack.\(reason.rawValue)" }

  /// The error of a system call that has just failed.
  static func system(_ doing: String, _ path: String, _ number: Int32 = errno) -> PackError {
    let message = "\(doing) \(path): \(String(cString: strerror(number)))"
    let isFull = number == ENOSPC || number == EDQUOT
    return PackError(isFull ? .diskFull : .io, message, hint: isFull ? "Free space, then export again." : nil)
  }

  /// What the C reader answered, right after it did.
  static func opening(_ path: String, _ status: loam_pack_status, _ problem: String, _ number: Int32) -> PackError {
    switch status {
    case loam_pack_not_a_pack:
      PackError(.notAPack, "\(path) is no pack: \(problem)", hint: "Give the directory that 'loam export' made.")
    case loam_pack_newer: PackError(.newerFormat, "\(path): \(problem)", hint: "Use a newer loam.")
    case loam_pack_damaged:
      PackError(.damaged, "\(path) is damaged: \(problem)", hint: "Get the pack again, or export the version anew.")
    default:
      number == ENOENT
        ? PackError(.notAPack, "\(path) is not there", hint: "Give the directory that 'loam export' made.")
        : .system("cannot open", path, number)
    }
  }
}
