"""What stands around the vehicle: buildings, walls, plants and street furniture, laid out as places."""
