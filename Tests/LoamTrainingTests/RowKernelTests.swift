import LoamKernels
import Testing

/// One row under a kernel, with its slots.
private struct Row {
  var weights: [Float]
  var slots: [[Float]]

  mutating func step(
    gradient: [Float], l2: Float = 0, keep: Float? = nil,
    _ kernel: (loam_rows, [UnsafeMutablePointer<Float>]) -> Void
  ) {
    var gradient = gradient
    let pointers = slots.indices.map { index in
      let copy = UnsafeMutablePointer<Float>.allocate(capacity: slots[index].count)
      copy.initialize(from: slots[index], count: slots[index].count)
      return copy
    }
    weights.withUnsafeMutableBufferPointer { w in
      gradient.withUnsafeMutableBufferPointer { g in
        var row: UnsafeMutablePointer<Float>? = w.baseAddress!
        var slope: UnsafePointer<Float>? = UnsafePointer(g.baseAddress!)
        var share = keep ?? 1
        withUnsafePointer(to: &row) { row in
          withUnsafePointer(to: &slope) { slope in
            withUnsafePointer(to: &share) { share in
              kernel(
                loam_rows(
                  count: 1, dimension: w.count, weights: row, gradients: slope, keep: keep == nil ? nil : share,
                  rates: nil, l2: l2),
                pointers)
            }
          }
        }
      }
    }
    for index in slots.indices {
      slots[index] = Array(UnsafeBufferPointer(start: pointers[index], count: slots[index].count))
      pointers[index].deallocate()
    }
  }
}

private func adamStep(rate: Double, t: Int) -> loam_adam_step {
  var beta1 = 1.0
  var beta2 = 1.0
  // The bias of the betas that the kernel works with, which are rounded to f32.
  for _ in 0..<t { (beta1, beta2) = (beta1 * Double(Float(0.9)), beta2 * Double(Float(0.999))) }
  return loam_adam_step(
    beta1: 0.9, beta2: 0.999, step: Float(rate / (1 - beta1)), correction: Float(1 / (1 - beta2).squareRoot()),
    epsilon: 1e-8)
}

@Suite("Row kernels")
struct RowKernelTests {
  /// A gradient that changes sign and size.
  static func gradient(_ step: Int, _ element: Int) -> Double {
    Double((step * 37 + element * 101) % 201 - 100) / 100
  }

  @Test func `The first step of Adam at rate 0.1 and gradient 0.5 is -0.1`() {
    var row = Row(weights: [0], slots: [[0], [0]])
    row.step(gradient: [0.5]) { rows, slots in
      var (m, v): (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?) = (slots[0], slots[1])
      loam_adam(rows, &m, &v, adamStep(rate: 0.1, t: 1))
    }
    #expect(abs(row.weights[0] + 0.1) < 1e-7)
    #expect(abs(row.slots[0][0] - 0.05) < 1e-7)
    #expect(abs(row.slots[1][0] - 0.00025) < 1e-8)
  }

  @Test func `The first step of Adagrad is the rate, of row-wise Adagrad too where elements are equal`() {
    var row = Row(weights: [0, 0], slots: [[0, 0]])
    row.step(gradient: [0.5, -2]) { rows, slots in
      var a: UnsafeMutablePointer<Float>? = slots[0]
      loam_adagrad(rows, &a, 0.1, 1e-10)
    }
    #expect(row.weights == [-0.1, 0.1])
    #expect(row.slots[0] == [0.25, 4])

    var wise = Row(weights: [0, 0], slots: [[0]])
    wise.step(gradient: [3, 4]) { rows, slots in
      var a: UnsafeMutablePointer<Float>? = slots[0]
      loam_rowwise_adagrad(rows, &a, 0.1, 1e-10)
    }
    #expect(wise.slots[0] == [12.5])
    #expect(abs(wise.weights[0] + 0.3 / Float(12.5).squareRoot()) < 1e-7)
    #expect(abs(wise.weights[1] + 0.4 / Float(12.5).squareRoot()) < 1e-7)
  }

  @Test func `L2 adds its gradient and decay keeps its share`() {
    var row = Row(weights: [2], slots: [])
    row.step(gradient: [1], l2: 0.5, keep: 0.9) { rows, _ in loam_sgd(rows, 0.1) }
    // 2 x 0.9 - 0.1 (1 + 0.5 x 2)
    #expect(abs(row.weights[0] - 1.6) < 1e-6)
  }

  @Test func `A thousand steps of Adam stay with the same steps in f64`() {
    let d = 19
    var row = Row(
      weights: .init(repeating: 0.1, count: d), slots: [.init(repeating: 0, count: d), .init(repeating: 0, count: d)])
    var w = [Double](repeating: 0.1, count: d)
    var m = [Double](repeating: 0, count: d)
    var v = [Double](repeating: 0, count: d)
    var (beta1, beta2) = (1.0, 1.0)
    for t in 1...1_000 {
      row.step(gradient: (0..<d).map { Float(Self.gradient(t, $0)) }, l2: 0.01) { rows, slots in
        var (first, second): (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?) = (slots[0], slots[1])
        loam_adam(rows, &first, &second, adamStep(rate: 0.001, t: t))
      }
      (beta1, beta2) = (beta1 * 0.9, beta2 * 0.999)
      for i in 0..<d {
        let g = Self.gradient(t, i) + 0.01 * w[i]
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.999 * v[i] + 0.001 * g * g
        w[i] -= 0.001 / (1 - beta1) * m[i] / ((v[i] / (1 - beta2)).squareRoot() + 1e-8)
      }
    }
    for i in 0..<d { #expect(abs(Double(row.weights[i]) - w[i]) < 2e-5 * max(1, abs(w[i]))) }
  }

  @Test func `A thousand steps of the Adagrads stay with the same steps in f64`() {
    let d = 19
    var row = Row(weights: .init(repeating: 0.1, count: d), slots: [.init(repeating: 0.1, count: d)])
    var wise = Row(weights: .init(repeating: 0.1, count: d), slots: [[0.1]])
    var w = [Double](repeating: 0.1, count: d)
    var a = [Double](repeating: 0.1, count: d)
    var u = w
    var b = 0.1
    for t in 1...1_000 {
      let gradient = (0..<d).map { Self.gradient(t, $0) }
      row.step(gradient: gradient.map { Float($0) }) { rows, slots in
        var a: UnsafeMutablePointer<Float>? = slots[0]
        loam_adagrad(rows, &a, 0.05, 1e-10)
      }
      wise.step(gradient: gradient.map { Float($0) }) { rows, slots in
        var a: UnsafeMutablePointer<Float>? = slots[0]
        loam_rowwise_adagrad(rows, &a, 0.05, 1e-10)
      }
      b += gradient.reduce(0) { $0 + $1 * $1 } / Double(d)
      for i in 0..<d {
        a[i] += gradient[i] * gradient[i]
        w[i] -= 0.05 * gradient[i] / (a[i].squareRoot() + 1e-10)
        u[i] -= 0.05 * gradient[i] / (b.squareRoot() + 1e-10)
      }
    }
    for i in 0..<d {
      #expect(abs(Double(row.weights[i]) - w[i]) < 2e-5)
      #expect(abs(Double(wise.weights[i]) - u[i]) < 2e-5)
    }
  }

  @Test func `An element's result depends neither on its place in the row nor on the row's length`() {
    func last(_ d: Int) -> Float {
      var row = Row(
        weights: .init(repeating: 0.3, count: d), slots: [.init(repeating: 0, count: d), .init(repeating: 0, count: d)])
      for t in 1...50 {
        row.step(gradient: .init(repeating: Float(Self.gradient(t, 3)), count: d), l2: 0.05) { rows, slots in
          var (m, v): (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?) = (slots[0], slots[1])
          loam_adam(rows, &m, &v, adamStep(rate: 0.01, t: t))
        }
      }
      #expect(row.weights.allSatisfy { $0 == row.weights[0] })
      return row.weights[0]
    }
    // 1: the scalar loop; 67: full vectors and a rest.
    #expect(last(1) == last(67))
  }
}
