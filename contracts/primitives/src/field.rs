//! The field of Curve25519, p = 2^255 − 19: as much of its arithmetic as it takes to say whether bytes encode a point. Not in constant
//! time: public keys are no secrets.

/// −121665/121666, of the curve's equation −x² + y² = 1 + d·x²·y² (RFC 8032, section 5.1).
pub const D: Element =
    Element([0x1359_78a3, 0x75eb_4dca, 0x4141_d8ab, 0x0070_0a4d, 0x7779_e898, 0x8cc7_4079, 0x2b6f_fe73, 0x5203_6cee]);
/// A square root of −1 (RFC 9496, section 4.1).
const SQRT_M1: Element =
    Element([0x4a0e_a0b0, 0xc4ee_1b27, 0xad2f_e478, 0x2f43_1806, 0x3dfb_d7a7, 0x2b4d_0099, 0x4fc1_df0b, 0x2b83_2480]);
/// p, least significant first.
const P: [u64; 4] = [0xffff_ffff_ffff_ffed, u64::MAX, u64::MAX, 0x7fff_ffff_ffff_ffff];
/// 2^256 modulo p.
const WRAP: u64 = 38;

/// A number modulo p, in some representation below 2^256, least significant first.
#[derive(Clone, Copy, Debug)]
pub struct Element([u32; 8]);

impl Element {
    /// One.
    pub const ONE: Self = Self([1, 0, 0, 0, 0, 0, 0, 0]);

    /// The number of these bytes, little-endian, without the top bit.
    pub fn of(bytes: &[u8; 32]) -> Self {
        let mut limbs = [0; 8];
        for (limb, bytes) in limbs.iter_mut().zip(bytes.chunks_exact(4)) {
            *limb = bytes.iter().rev().fold(0, |limb, byte| limb << 8 | u32::from(*byte));
        }
        limbs[7] &= 0x7fff_ffff;
        Self(limbs)
    }

    /// a + b.
    pub fn plus(self, other: Self) -> Self {
        let mut sum = self.0;
        let mut carry = 0;
        for (limb, other) in sum.iter_mut().zip(other.0) {
            carry = put(limb, u64::from(*limb).wrapping_add(u64::from(other)).wrapping_add(carry));
        }
        Self(wrapped(sum, carry))
    }

    /// −a.
    pub fn negated(self) -> Self {
        // The complement is 2^256 − 1 − a, which is −a + 37 modulo p; this adds p − 37.
        let complement = Self(self.0.map(|limb| !limb));
        complement.plus(Self([0xffff_ffc8, u32::MAX, u32::MAX, u32::MAX, u32::MAX, u32::MAX, u32::MAX, 0x7fff_ffff]))
    }

    /// a − b.
    pub fn minus(self, other: Self) -> Self {
        self.plus(other.negated())
    }

    /// a · b.
    pub fn times(self, other: Self) -> Self {
        let mut wide = [0u32; 16];
        for (place, limb) in self.0.into_iter().enumerate() {
            let mut carry = 0;
            for (wide, other) in wide[place..].iter_mut().zip(other.0) {
                let product = u64::from(limb).wrapping_mul(u64::from(other));
                carry = put(wide, product.wrapping_add(u64::from(*wide)).wrapping_add(carry));
            }
            put(&mut wide[place + 8], carry);
        }
        let mut product = [0; 8];
        let mut carry = 0;
        for (place, limb) in product.iter_mut().enumerate() {
            let high = u64::from(wide[place + 8]).wrapping_mul(WRAP);
            carry = put(limb, high.wrapping_add(u64::from(wide[place])).wrapping_add(carry));
        }
        Self(wrapped(product, carry))
    }

    /// a².
    pub fn squared(self) -> Self {
        self.times(self)
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.reduced() == [0; 4]
    }

    /// Whether it is negative, which means odd (RFC 8032, section 5.1.3).
    pub fn is_negative(self) -> bool {
        self.reduced()[0] & 1 == 1
    }

    /// Whether it is the square of a number, and not zero: the Jacobi symbol, by the binary algorithm. A fraction of the cost of a
    /// square root.
    pub fn is_square(self) -> bool {
        let (mut a, mut n) = (self.reduced(), P);
        let mut is_positive = true;
        while a != [0; 4] {
            while a[0] & 1 == 0 {
                // At most 63 at a time, which a shift can do.
                let zeros = a[0].trailing_zeros().min(63);
                a = shifted(&a, zeros);
                // The symbol of 2 is negative for n ≡ ±3 modulo 8.
                is_positive ^= zeros & 1 == 1 && matches!(n[0] & 7, 3 | 5);
            }
            if is_less(&a, &n) {
                core::mem::swap(&mut a, &mut n);
                // Reciprocity.
                is_positive ^= a[0] & n[0] & 3 == 3;
            }
            a = difference(&a, &n);
        }
        is_positive && n == [1, 0, 0, 0]
    }

    /// 1/√a, of either sign, if a is a square (RFC 9496, section 4.2, for a numerator of 1).
    pub fn inverse_square_root(self) -> Option<Self> {
        let cubed = self.squared().times(self);
        let seventh = cubed.squared().times(self);
        let root = cubed.times(seventh.to_the_power_of_an_eighth());
        // A power of the square root of −1 from a: 1, −1 or one of the roots.
        let check = self.times(root.squared());
        if check.minus(Self::ONE).is_zero() {
            Some(root)
        } else if check.plus(Self::ONE).is_zero() {
            Some(root.times(SQRT_M1))
        } else {
            None
        }
    }

    /// a to the power of (p − 5)/8 = 2^252 − 3.
    fn to_the_power_of_an_eighth(self) -> Self {
        // To the power of 2^n − 1, for n = 250 by its bits after the first.
        let (mut power, mut n) = (self, 1u32);
        for bit in [1, 1, 1, 1, 0, 1, 0] {
            power = power.squared_times(n).times(power);
            n = n.wrapping_mul(2).wrapping_add(bit);
            if bit == 1 {
                power = power.squared().times(self);
            }
        }
        power.squared_times(2).times(self)
    }

    fn squared_times(self, times: u32) -> Self {
        (0..times).fold(self, |power, _| power.squared())
    }

    /// The number from 0 to p − 1.
    fn reduced(self) -> [u64; 4] {
        let mut number = [0; 4];
        for (limb, halves) in number.iter_mut().zip(self.0.chunks_exact(2)) {
            *limb = u64::from(halves[1]) << 32 | u64::from(halves[0]);
        }
        // Below 2^256 there is room for p twice.
        for _ in 0..2 {
            if !is_less(&number, &P) {
                number = difference(&number, &P);
            }
        }
        number
    }
}

/// What is above 2^256 comes back as [`WRAP`].
fn wrapped(mut limbs: [u32; 8], mut carry: u64) -> [u32; 8] {
    while carry != 0 {
        carry = carry.wrapping_mul(WRAP);
        for limb in &mut limbs {
            carry = put(limb, u64::from(*limb).wrapping_add(carry));
        }
    }
    limbs
}

/// Keeps the lower half; the upper one is the carry.
#[expect(clippy::cast_possible_truncation, reason = "the carry has what is cut off")]
const fn put(limb: &mut u32, sum: u64) -> u64 {
    *limb = sum as u32;
    sum >> 32
}

fn is_less(a: &[u64; 4], b: &[u64; 4]) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

/// a − b, for a not less than b.
fn difference(a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
    let mut difference = *a;
    let mut borrow = false;
    for (limb, b) in difference.iter_mut().zip(b) {
        let (without, borrows) = limb.overflowing_sub(*b);
        let (less, borrows_too) = without.overflowing_sub(u64::from(borrow));
        (*limb, borrow) = (less, borrows | borrows_too);
    }
    difference
}

/// a / 2^bits, for 1 to 63 bits.
fn shifted(a: &[u64; 4], bits: u32) -> [u64; 4] {
    let left = 64u32.wrapping_sub(bits);
    [a[0] >> bits | a[1] << left, a[1] >> bits | a[2] << left, a[2] >> bits | a[3] << left, a[3] >> bits]
}
