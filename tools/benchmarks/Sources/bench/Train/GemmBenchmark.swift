import Foundation
import OneDNN

/// Matrix products as a lane of DCN-v2 has them, beside what the core's registers do without memory.
struct GemmBenchmark: Benchmark {
  let name = "gemm"
  let title = "operations a second of a linear layer's three products, 1,024 rows, one thread, its processor time"

  private static let rows = 1_024

  func run(_ options: Options, _ add: (Measurement) -> Void) throws {
    let registers = try registers(options)
    for width in [400, 429, 432] {
      let layer = Layer(rows: Self.rows, width: width)
      let rounds = try Rounds.inTurn(
        options.rounds, loam: { layer.gigaflops() },
        peer: registers.map { registers in { try registers.round("go")[0] } })
      add(
        Measurement(name, "oneDNN, \(width) columns", n: Self.rows, unit: "GFLOP/s", rounds, nil, registers))
    }
    for (ids, exponent) in [(100, 1.2), (192_307, 1.2), (192_307, 1.1), (192_307, 1.05)] {
      let layer = PickedProducts(rows: Self.rows, ids: ids, exponent: exponent)
      let variant = String(format: "429 columns of picked vectors, %.2f of them distinct", layer.share)
      let rounds = try Rounds.inTurn(options.rounds, loam: layer.byVectors, peer: layer.byRows)
      var found = Measurement(name, variant, n: Self.rows, unit: "GFLOP/s", rounds)
      (found.peer, found.peerSettings) = ("oneDNN", "the products of whole rows")
      add(found)
    }
  }

  private func registers(_ options: Options) throws -> Peer? {
    guard options.wants("registers") else { return nil }
    try FileManager.default.createDirectory(atPath: options.scratch, withIntermediateDirectories: true)
    guard let program = try? Peer.compile("registers", into: options.scratch) else {
      note("no peer registers: it asks for a processor with FMA, and cc")
      return nil
    }
    return try Peer("registers", settings: "multiply-adds without memory", command: [program])
  }
}

/// A linear layer of as many inputs as outputs.
private final class Layer {
  private let (rows, width): (Int, Int)
  private let x, weight, y, dx, dweight: UnsafeMutablePointer<Float>
  private static let repetitions = 20

  init(rows: Int, width: Int) {
    (self.rows, self.width) = (rows, width)
    var random = Draw(seed: 1)
    func numbers(_ count: Int) -> UnsafeMutablePointer<Float> {
      let bytes = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
      let numbers = bytes.bindMemory(to: Float.self, capacity: count)
      for index in 0..<count { numbers[index] = random.normal() }
      return numbers
    }
    (x, weight, y) = (numbers(rows * width), numbers(width * width), numbers(rows * width))
    (dx, dweight) = (numbers(rows * width), numbers(width * width))
  }

  deinit { for pointer in [x, weight, y, dx, dweight] { UnsafeMutableRawPointer(pointer).deallocate() } }

  /// Forward, the gradient of the input and that of the weight.
  func gigaflops() -> Double {
    step()
    let start = Clock.cpuSeconds()
    for _ in 0..<Self.repetitions { step() }
    return 6e-9 * Double(Self.repetitions * rows * width * width) / (Clock.cpuSeconds() - start)
  }

  private func step() {
    OneDNN.multiply(
      Matrix(x, rows: rows, columns: width), Matrix(weight, rows: width, columns: width, transposed: true), into: y)
    OneDNN.multiply(
      Matrix(y, rows: rows, columns: width), Matrix(weight, rows: width, columns: width), into: dx)
    OneDNN.multiply(
      Matrix(y, rows: width, columns: rows, transposed: true), Matrix(x, rows: rows, columns: width), into: dweight)
  }
}
