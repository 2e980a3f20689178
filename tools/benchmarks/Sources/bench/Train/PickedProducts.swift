import LoamKernels
import OneDNN

/// The first linear layer of a lane of DCN-v2, 26 fields of 16 and 13 dense features: by the fields' distinct vectors,
/// and by whole rows.
final class PickedProducts {
  private static let (fields, width, dense) = (26, 16, 13)
  private static let columns = fields * width + dense
  private static let repetitions = 10
  private let rows: Int
  private var starts: [UInt32] = [0]
  private var places: [UInt32]
  private var firsts: [UInt32]
  private var picks: [UInt32]
  private let distinct, whole, weight, bias, y, dx, ddistinct, dweight, room: UnsafeMutablePointer<Float>

  /// - Parameter ids: of each field.
  init(rows: Int, ids: Int, exponent: Double) {
    self.rows = rows
    var random = Draw(seed: 1)
    var codesOf = [UInt32](repeating: 0, count: rows * Self.fields)
    places = codesOf
    picks = codesOf
    for field in 0..<Self.fields {
      let codes = (0..<rows).map { _ in UInt32(random.zipf(exponent) % UInt64(ids)) }
      var marks = [UInt32](repeating: 0, count: ids)
      // Marks count from the first field; each has its own here.
      let count = loam_picked_number(&codesOf, 1, &picks, &marks, codes, rows, 0)
      for row in 0..<rows { places[row * Self.fields + field] = starts[field] + codesOf[row] }
      starts.append(starts[field] + count)
    }
    let vectors = Int(starts[Self.fields])
    firsts = .init(repeating: 0, count: vectors + 1)
    loam_picked_order(&firsts, &picks, places, rows, Self.fields, vectors)
    func numbers(_ count: Int) -> UnsafeMutablePointer<Float> {
      let bytes = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
      let numbers = bytes.bindMemory(to: Float.self, capacity: count)
      for index in 0..<count { numbers[index] = random.normal() }
      return numbers
    }
    (distinct, ddistinct) = (numbers(vectors * Self.width), numbers(vectors * Self.width))
    (whole, y, dx) = (numbers(rows * Self.columns), numbers(rows * Self.columns), numbers(rows * Self.columns))
    (weight, dweight) = (numbers(Self.columns * Self.columns), numbers(Self.columns * Self.columns))
    bias = numbers(Self.columns)
    var shape = loam_picked()
    (shape.rows, shape.fields, shape.width, shape.tail_width) = (rows, Self.fields, Self.width, Self.dense)
    room = starts.withUnsafeBufferPointer {
      shape.starts = $0.baseAddress
      return numbers(loam_picked_room(&shape))
    }
  }

  deinit {
    for pointer in [distinct, whole, weight, bias, y, dx, ddistinct, dweight, room] {
      UnsafeMutableRawPointer(pointer).deallocate()
    }
  }

  /// Distinct vectors of all picks.
  var share: Double { Double(starts[Self.fields]) / Double(rows * Self.fields) }

  private func gigaflops(_ step: () -> Void) -> Double {
    step()
    let start = Clock.cpuSeconds()
    for _ in 0..<Self.repetitions { step() }
    let operations = 6 * Self.repetitions * rows * Self.columns * Self.columns
    return 1e-9 * Double(operations) / (Clock.cpuSeconds() - start)
  }

  /// Operations of the whole rows' products a second, whether they are done or saved.
  func byVectors() -> Double {
    starts.withUnsafeBufferPointer { starts in
      places.withUnsafeBufferPointer { places in
        firsts.withUnsafeBufferPointer { firsts in
          picks.withUnsafeBufferPointer { picks in
            var x = loam_picked(
              distinct: distinct, starts: starts.baseAddress, places: places.baseAddress, firsts: firsts.baseAddress,
              picks: picks.baseAddress, tail: whole + Self.columns - Self.dense, rows: rows, fields: Self.fields,
              width: Self.width, tail_width: Self.dense, tail_row: Self.columns)
            return gigaflops {
              loam_picked_multiply(y, &x, weight, bias, Self.columns, false, room)
              loam_picked_gradients(ddistinct, false, dweight, false, y, &x, weight, Self.columns, room)
            }
          }
        }
      }
    }
  }

  func byRows() -> Double {
    let n = Self.columns
    return gigaflops {
      OneDNN.multiply(
        Matrix(whole, rows: rows, columns: n), Matrix(weight, rows: n, columns: n, transposed: true), bias: bias,
        into: y)
      OneDNN.multiply(Matrix(y, rows: rows, columns: n), Matrix(weight, rows: n, columns: n), into: dx)
      OneDNN.multiply(
        Matrix(y, rows: n, columns: rows, transposed: true), Matrix(whole, rows: rows, columns: n), into: dweight)
    }
  }
}
