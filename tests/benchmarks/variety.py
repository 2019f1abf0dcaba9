"""Sizes of generated vehicles against published sizes of real ones.

    python -m tests.benchmarks.variety [--count 2000]

Per style and dimension: what the real cars span, and mean and standard deviation; the same of `count` sampled
parameter sets; and the share of these within the real cars' span, widened by 3 %. Widths are without mirrors.
"""

import argparse

import numpy as np
from numpy.typing import NDArray

from blender_scenes.vehicle.params import sample_parameters
from blender_scenes.vehicle.ranges import STYLES

MARGIN = 0.03
DIMENSIONS = ("length", "width", "height", "wheelbase")
REAL: dict[str, dict[str, tuple[int, int, int, int]]] = {
    "sedan": {
        "Toyota Corolla E210": (4630, 1780, 1435, 2700),
        "Toyota Camry XV70": (4885, 1840, 1445, 2825),
        "Toyota Vios XP150": (4410, 1700, 1475, 2550),
        "BMW 3 G20": (4709, 1827, 1435, 2851),
        "BMW 5 G30": (4936, 1868, 1479, 2975),
        "Honda Civic 11": (4674, 1802, 1415, 2735),
        "VW Jetta 7": (4702, 1799, 1459, 2686),
        "Mercedes C W206": (4751, 1820, 1438, 2865),
        "Audi A4 B9": (4762, 1847, 1431, 2820),
        "Hyundai Elantra CN7": (4675, 1825, 1415, 2720),
        "Dacia Logan 3": (4396, 1848, 1501, 2649),
    },
    "hatchback": {
        "VW Polo 6": (4053, 1751, 1461, 2548),
        "VW Golf 8": (4284, 1789, 1456, 2636),
        "VW up!": (3540, 1641, 1478, 2407),
        "Toyota Yaris XP210": (3940, 1745, 1500, 2560),
        "Toyota Aygo": (3465, 1615, 1460, 2340),
        "Renault Clio 5": (4050, 1798, 1440, 2583),
        "Fiat 500": (3571, 1627, 1488, 2300),
        "Ford Fiesta 7": (4040, 1735, 1476, 2493),
        "Ford Focus 4": (4378, 1825, 1471, 2700),
        "Opel Corsa F": (4060, 1765, 1435, 2538),
        "Honda Jazz 4": (4044, 1694, 1526, 2517),
    },
    "wagon": {
        "VW Golf 8 Variant": (4633, 1789, 1498, 2686),
        "VW Passat B8 Variant": (4767, 1832, 1516, 2791),
        "Skoda Octavia 4 Combi": (4689, 1829, 1468, 2686),
        "Volvo V60": (4761, 1850, 1427, 2872),
        "Volvo V90": (4936, 1879, 1475, 2941),
        "BMW 3 Touring G21": (4709, 1827, 1440, 2851),
        "Audi A4 Avant B9": (4762, 1847, 1434, 2820),
        "Toyota Corolla Touring": (4650, 1790, 1435, 2700),
        "Ford Focus 4 Estate": (4669, 1825, 1481, 2700),
    },
    "coupe": {
        "Toyota GR86": (4265, 1775, 1310, 2575),
        "Toyota Supra A90": (4379, 1854, 1292, 2470),
        "BMW 2 F22": (4432, 1774, 1418, 2690),
        "BMW 4 G22": (4768, 1852, 1383, 2851),
        "Audi TT 8S": (4177, 1832, 1353, 2505),
        "Audi A5 B9": (4673, 1846, 1371, 2764),
        "Ford Mustang S550": (4784, 1916, 1381, 2720),
        "Mercedes C C205": (4686, 1810, 1405, 2840),
        "Nissan 370Z": (4265, 1845, 1315, 2550),
        "Porsche 911 992": (4519, 1852, 1298, 2450),
    },
    "suv": {
        "Toyota RAV4 XA50": (4600, 1855, 1685, 2690),
        "Toyota Land Cruiser J150": (4840, 1885, 1890, 2790),
        "Honda CR-V 5": (4605, 1855, 1679, 2663),
        "Mitsubishi Pajero Sport": (4785, 1815, 1805, 2800),
        "VW Tiguan 2": (4486, 1839, 1673, 2681),
        "Nissan Qashqai J11": (4394, 1806, 1590, 2646),
        "Dacia Duster 2": (4341, 1804, 1693, 2674),
        "Suzuki Vitara": (4175, 1775, 1610, 2500),
        "Volvo XC90": (4950, 1923, 1776, 2984),
        "BMW X3 G01": (4708, 1891, 1676, 2864),
        "BMW X5 G05": (4922, 2004, 1745, 2975),
    },
    "pickup": {
        "Toyota Hilux double cab": (5325, 1855, 1815, 3085),
        "Toyota Tacoma double cab": (5392, 1890, 1793, 3236),
        "Isuzu D-Max double cab": (5265, 1870, 1790, 3125),
        "Ford Ranger T6 double cab": (5354, 1860, 1848, 3220),
        "Ford F-150 SuperCrew": (5890, 2029, 1961, 3683),
        "Nissan Navara D23": (5255, 1850, 1805, 3150),
        "VW Amarok 1": (5254, 1944, 1834, 3095),
        "Mitsubishi L200 double cab": (5225, 1815, 1780, 3000),
        "Chevrolet Colorado 2": (5403, 1886, 1785, 3258),
    },
    "van": {
        "VW Caddy 4": (4408, 1793, 1823, 2682),
        "VW Transporter T6": (4904, 1904, 1990, 3000),
        "VW Transporter T6 long": (5304, 1904, 1990, 3400),
        "Ford Transit Custom L1": (4973, 1986, 2000, 2933),
        "Ford Transit Custom L2": (5340, 1986, 1979, 3300),
        "Ford Transit L2H2": (5531, 2059, 2534, 3300),
        "Mercedes Vito long": (5140, 1928, 1910, 3200),
        "Citroen Berlingo 3": (4403, 1848, 1844, 2785),
        "Renault Trafic 3 L1": (4999, 1956, 1971, 3098),
        "Fiat Ducato L2H2": (5413, 2050, 2524, 3450),
    },
    "minibus": {
        "Toyota HiAce H200 Commuter": (5380, 1880, 2285, 3110),
        "Toyota HiAce H300 Commuter": (5915, 1950, 2280, 3860),
        "Ford Transit Minibus L3": (5981, 2059, 2534, 3750),
        "Mercedes Sprinter Tourer": (5932, 2020, 2643, 3665),
        "VW Crafter": (5986, 2040, 2590, 3640),
        "Nissan NV350 Urvan": (5230, 1880, 2285, 2940),
        "Fiat Ducato Minibus L3H2": (5998, 2050, 2524, 4035),
    },
}
"""Length, width, height and wheelbase in millimetres, from the manufacturers' data sheets."""


def sampled_sizes(style: str, count: int) -> NDArray[np.float64]:
    """(count, 4) length, width, height and wheelbase of the first `count` seeds, metres."""
    cars = [sample_parameters(style, seed) for seed in range(count)]
    return np.array([(c.front_overhang + c.wheelbase + c.rear_overhang, c.width, c.height, c.wheelbase) for c in cars])


def main() -> None:
    """Print a line per style and dimension."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000, help="parameter sets per style (2000)")
    count = parser.parse_args().count
    print("metres; real: min mean max sd; sampled: min mean max sd; share of the sampled within the real span +- 3 %")
    for style in STYLES:
        real, made = np.array(list(REAL[style].values())) / 1000, sampled_sizes(style, count)
        print(f"{style}: {len(real)} real vehicles, {count} sampled")
        for number, name in enumerate(DIMENSIONS):
            inside = (made[:, number] > real[:, number].min() * (1 - MARGIN)) & (
                made[:, number] < real[:, number].max() * (1 + MARGIN)
            )
            print(f"  {name:9s} {_summary(real[:, number])}   {_summary(made[:, number])}   {inside.mean():.0%}")


def _summary(values: NDArray[np.float64]) -> str:
    return f"{values.min():.2f} {values.mean():.2f} {values.max():.2f} {values.std():.2f}"


if __name__ == "__main__":
    main()
