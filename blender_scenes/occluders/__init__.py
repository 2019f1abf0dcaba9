"""What stands between the camera and the vehicle: people, street furniture, plants and cut-out pictures."""
