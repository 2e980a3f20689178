import FoundationEssentials
import Glibc

/// A process as the system describes it: its number, its name, whether it is stopped.
struct RunningProcess: CustomStringConvertible {
  let number: Int32
  let name: String?
  let isStopped: Bool

  init(_ number: Int32) {
    self.number = number
    // "PID (NAME) STATE ...": the name may hold blanks and parentheses itself.
    let bytes = FileManager.default.contents(atPath: "/proc/\(number)/stat").map { [UInt8]($0) } ?? []
    let text = String(decoding: bytes, as: UTF8.self)
    guard let start = text.firstIndex(of: "("), let end = text.lastIndex(of: ")") else {
      (name, isStopped) = (nil, false)
      return
    }
    name = String(text[text.index(after: start)..<end])
    let state = text[end...].dropFirst().drop { $0 == " " }.first
    isStopped = state == "T" || state == "t"
  }

  var description: String { name.map { "process \(number) (\($0))" } ?? "process \(number)" }
}
