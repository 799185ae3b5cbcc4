"""What is done to the house at night or in need: the emergency plan, tidying the database, pictures made smaller."""
