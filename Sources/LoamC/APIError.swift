import CLoam
import LoamSchema

/// What the boundary itself refuses: arguments that no library would see.
struct APIError: LoamError {
  enum Reason: String, Sendable, CaseIterable {
    case badHandle = "bad-handle"
    case badArgument = "bad-argument"
    case unknownTable = "unknown-table"
  }
  var code: String
  var category: ErrorCategory { .refused }
  var message: String
  var hint: String?

  init(_ reason: Reason, _ message: String, hint: String? = nil) {
    code = "c.\(reason.rawValue)"
    (self.message, self.hint) = (message, hint)
  }
}

/// Runs a call of the interface; what it throws goes into `error`.
func answering(_ error: UnsafeMutablePointer<loam_error>?, _ body: () throws -> Void) -> Int32 {
  do {
    try body()
    return 0
  } catch let caught {
    guard let known = caught as? any LoamError else { preconditionFailure("\(caught)") }
    error?.pointee.set(known)
    return known.category.rawValue
  }
}

extension loam_error {
  fileprivate mutating func set(_ error: any LoamError) {
    category = error.category.rawValue
    withUnsafeMutableBytes(of: &code) { $0.set(error.code) }
    let text = error.hint.map { "\(error.message)\n\($0)" } ?? error.message
    withUnsafeMutableBytes(of: &message) { $0.set(text) }
  }
}

extension UnsafeMutableRawBufferPointer {
  /// A text that ends with 0, cut between characters where it is too long.
  fileprivate func set(_ text: String) {
    var kept = text[...]
    while kept.utf8.count >= count { kept = kept.dropLast(Swift.max(1, (kept.utf8.count - count) / 4)) }
    for (place, byte) in kept.utf8.enumerated() { self[place] = byte }
    self[kept.utf8.count] = 0
  }
}
