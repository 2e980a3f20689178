import Foundation
import Testing

@testable import LoamPack

/// The header as other programs use it: built by the machine's C and C++ compilers, with every warning an error.
struct CReaderTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  private static let example = "\(root)/tools/examples/pack.c"
  private static let hostile = "\(root)/Tests/LoamPackTests/C/hostile.c"

  private func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output)
  }

  private func compiled(_ source: String, _ options: [String], to path: String) throws {
    let built = try run(
      ["clang", "-Wall", "-Wextra", "-Werror", "-O1", "-I", "\(Self.root)/Sources/LoamKernels/include"] + options
        + [source, "-o", path])
    #expect(built.status == 0, "\(built.output)")
  }

  @Test(arguments: [["-std=c11", "-pedantic"], ["-x", "c++", "-std=c++17"]])
  func `the example reads the rows that Loam reads`(_ language: [String]) throws {
    let written = try WrittenPack(rows: 100, type: .f16)
    let program = written.scratch.path("example")
    try compiled(Self.example, language + (language.contains("c++") ? ["-lstdc++"] : []), to: program)
    let ids = [written.ids[0], written.ids[60], 5]
    let answer = try run([program, written.file, "item"] + ids.map { "\($0)" })
    var lines: [String] = []
    for id in ids {
      let values = WrittenPack.values(id == 5 ? .unknown : id).map { "\(Int($0))" }
      lines.append("\(id) vector \(values.joined(separator: " "))")
    }
    for id in ids { lines.append("\(id) weight \(id == 5 ? 254 : id & 0xFF)") }
    #expect(answer.status == 0)
    #expect(answer.output.split(separator: "\n").map(String.init) == lines)
    #expect(try run([program, written.file, "absent", "1"]).status == 2)
    #expect(try run([program, Self.example]).status == 3)
  }

  @Test func `no flipped bit and no cut makes it read outside the file`() throws {
    let written = try WrittenPack(rows: 40, type: .i8)
    let program = written.scratch.path("hostile")
    try compiled(
      Self.hostile, ["-std=c11", "-D_DEFAULT_SOURCE", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
      to: program)
    let answer = try run([program, written.file])
    #expect(answer.status == 0, "\(answer.output)")
    #expect(answer.output.contains("opened"))
  }
}
