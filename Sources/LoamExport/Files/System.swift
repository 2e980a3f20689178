import Foundation

/// The error of a system call that has just failed.
func systemError(_ doing: String, _ path: String, _ number: Int32 = errno) -> ExportError {
  let message = "\(doing) \(path): \(String(cString: strerror(number)))"
  return switch number {
  case ENOSPC, EDQUOT: ExportError(.diskFull, message, hint: "Free space, then export again; nothing was left behind.")
  case ENOENT: ExportError(.missing, message)
  case EEXIST: ExportError(.exists, message)
  default: ExportError(.io, message)
  }
}
